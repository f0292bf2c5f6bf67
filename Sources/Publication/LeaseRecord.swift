public import ExportModel
import Foundation

/// Who holds a lease, for whoever finds it held.
public struct LeaseHolder: Hashable, Sendable {
    public var runID: String
    public var processID: Int32
    public var host: String
    /// As it was called, without secrets.
    public var command: String
    public var startedAt: Timestamp

    public init(
        runID: String, processID: Int32, host: String, command: String, startedAt: Timestamp
    ) {
        self.runID = runID
        self.processID = processID
        self.host = host
        self.command = command
        self.startedAt = startedAt
    }

    var name: String {
        "process \(processID) on \(host) ('\(command)', since \(startedAt.iso8601))"
    }
}

/// The object `_locks/<name>/<epoch>`: written by one run alone, which overwrites it as long as it
/// holds the lease, and once more when it releases it.
struct LeaseRecord: Hashable, Sendable {
    var holder: LeaseHolder
    var isReleased = false
    /// Different whenever it is written, so that each time has an ETag of its own.
    var beat = 0
    /// It ends so long after it was written last, by the store's clock.
    var seconds: Int64

    init(_ holder: LeaseHolder, seconds: Int64) {
        self.holder = holder
        self.seconds = seconds
    }

    var json: [UInt8] {
        JSONNode.object([
            ("run_id", .text(holder.runID)), ("pid", .integer(Int64(holder.processID))),
            ("host", .text(holder.host)), ("command", .text(holder.command)),
            ("started_at", .text(holder.startedAt.iso8601)),
            ("state", .text(isReleased ? Self.released : Self.held)),
            ("lease_seconds", .integer(seconds)), ("beat", .integer(beat)),
        ]).prettyPrinted
    }

    /// nil for anything else.
    init?(json: [UInt8]) {
        guard let stored = try? JSONDecoder().decode(Stored.self, from: Data(json)) else {
            return nil
        }
        holder = LeaseHolder(
            runID: stored.runID, processID: stored.processID, host: stored.host,
            command: stored.command, startedAt: stored.startedAt.moment)
        isReleased = stored.state == Self.released
        seconds = stored.seconds
        beat = stored.beat
    }

    private static let held = "held"
    private static let released = "released"

    private struct Stored: Decodable {
        var runID: String
        var processID: Int32
        var host: String
        var command: String
        var startedAt: ManifestTime
        var state: String
        var seconds: Int64
        var beat: Int

        enum CodingKeys: String, CodingKey {
            case runID = "run_id"
            case processID = "pid"
            case host, command, state, beat
            case startedAt = "started_at"
            case seconds = "lease_seconds"
        }
    }
}
