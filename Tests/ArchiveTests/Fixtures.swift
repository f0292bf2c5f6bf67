import BoundedDispatch
import ExportModel
import FileSystem
import Foundation
import Testing

@testable import Archive

/// A directory that is removed when the value goes away.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "archive-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            print("left in place: \(path)")
        }
    }

    /// The mode of a file or directory in it.
    func permissions(_ name: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/" + name)
        return attributes?[.posixPermissions] as? Int
    }
}

func moment(_ milliseconds: Int64) -> Timestamp {
    Timestamp(epochMilliseconds: milliseconds)
}

extension ArchivedSlice {
    /// A slice whose every value depends on `number`.
    static func sample(_ number: Int, bodyByteCount: Int = 20) -> ArchivedSlice {
        var counts = ExtractionCounts()
        counts.reportedTotal = number
        counts.duplicates = number + 1
        counts.outsideWindow = number + 2
        counts.pages = number + 3
        counts.requests = number + 4
        counts.retries = number + 5
        counts.trailingCommaPages = number + 6
        let body = [UInt8](repeating: UInt8(truncatingIfNeeded: 65 + number), count: bodyByteCount)
        return ArchivedSlice(
            range: number % 2 == 0
                ? TimeRange(start: moment(Int64(number)), end: moment(Int64(number) + 10)) : nil,
            requests: number % 2 == 0 ? nil : number..<number + 2, counts: counts,
            pages: [
                ArchivedPage(number: 1, body: body),
                ArchivedPage(number: 2, requestID: "id-\(number)", body: []),
                ArchivedPage(number: 3, requestID: "", body: body + [0, 0, 0]),
            ], foreign: number % 3 == 0 ? [RowReference(page: 2, row: number)] : [])
    }

    /// A slice that no compression makes small.
    static func random(_ number: Int, bodyByteCount: Int) -> ArchivedSlice {
        var generator = Seeded(UInt64(number))
        var slice = sample(number)
        slice.pages[0].body = (0..<bodyByteCount).map { _ in
            UInt8(truncatingIfNeeded: generator.next())
        }
        return slice
    }
}

extension ArchivedEnd {
    /// An end whose every value depends on `number`.
    static func sample(_ number: Int, isRefused: Bool = false) -> ArchivedEnd {
        ArchivedEnd(
            requestCount: number, extractedAt: moment(Int64(number) - 5),
            requestListSHA256: number % 2 == 0 ? nil : "list \(number)",
            mismatch: number % 3 == 0
                ? ArchivedMismatch(kind: .unreconciled, code: "c\(number)", message: "m") : nil,
            isRefused: isRefused)
    }
}

extension WindowArchive {
    /// The slices of a version, read back.
    func slices(_ id: String) throws -> [ArchivedSlice] {
        let version = try #require(state.withLock { $0.table.versions[id]?.archived })
        let reader = try makeReader(of: version)
        var slices: [ArchivedSlice] = []
        while let slice = try reader.next() { slices.append(slice) }
        return slices
    }

    /// Begins a version, appends `slices`, and ends it unless told otherwise.
    func add(
        _ account: String, _ id: String, _ slices: [ArchivedSlice], ends: Bool = true,
        isRefused: Bool = false
    ) throws {
        begin(account, id: id, fingerprint: "plan of \(account)")
        for slice in slices { try append(slice, to: id) }
        if ends { try end(id, .sample(slices.count, isRefused: isRefused)) }
    }

    var segmentCount: Int { state.withLock { $0.segments.count } }

    /// Of each block in the order of the files, before compression.
    var blockPayloadByteCounts: [Int] {
        let places = state.withLock { state in
            state.table.versions.values.flatMap(\.slices).compactMap {
                if case .stored(let place, _) = $0 { place } else { nil }
            }
        }
        return Set(places).sorted { ($0.segment, $0.offset) < ($1.segment, $1.offset) }
            .map(\.frame.payload.byteCount)
    }
}

/// Deterministic numbers (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
