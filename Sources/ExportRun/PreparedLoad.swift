public import ExportModel
import RunLedger
public import WarehouseSchema

/// The steps of a load whose files are on disk as the ledger recorded them.
public struct PreparedLoad: Sendable {
    /// In the plan's order.
    public internal(set) var steps: [LoadStep] = []
    /// What keeps the other steps from being loaded.
    public internal(set) var failures: [ExportError] = []

    /// One for each step.
    var partitions: [LoadPartition] = []
    let pipeline: Pipeline
    let request: WarehouseLoad.Request
    /// What becomes of the tables, by stream.
    let changes: [String: TableChange]

    /// The tables of the streams that have steps, as they are after the load.
    var tables: [LoadedTable] {
        let streams = Set(steps.map(\.name.stream))
        return changes.values.map(\.result).filter { streams.contains($0.stream) }
    }

    /// Names the load: the same partitions in the same versions have the same (FNV-1a, 64 bits).
    public var identifier: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for step in steps {
            for byte in "\(step.name)\n\(step.published?.version ?? 0)\n".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The statements that bring the target up to date, one transaction a stream.
    ///
    /// - Parameter store: which the warehouse is to read; nil: it is set up for what it reads.
    /// - Throws: `format_not_loadable`, `column_not_relaxable`.
    public func script(
        in dialect: Dialect, reading store: ObjectStoreLocation? = nil
    ) throws(ExportError) -> String {
        var lines = [
            "-- cdrx load: pipeline \(pipeline.name), target \(request.target), "
                + Self.count(steps.count, "partition"),
            "-- script \(identifier): add --mark --script \(identifier) to record that it ran",
        ]
        if !steps.isEmpty {
            lines += dialect.clientSettings + (store.map(dialect.settings) ?? [])
        }
        for stream in pipeline.streams {
            let indices = steps.indices.filter { steps[$0].name.stream == stream.name }
            guard !indices.isEmpty, let change = changes[stream.name] else { continue }
            lines.append("-- stream \(stream.name): \(Self.summary(indices.map { steps[$0] }))")
            do {
                lines += try change.statements(in: dialect)
                lines += try change.table.loading(indices.map { partitions[$0] }, in: dialect)
            } catch {
                throw ExportError(.configuration, error)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func count(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)" + (count == 1 ? "" : "s")
    }

    /// As in `3 partitions (2 new, 1 changed, 1 incomplete)`.
    private static func summary(_ steps: [LoadStep]) -> String {
        var parts = LoadStep.Change.allCases.compactMap { change in
            let count = steps.count { $0.change == change }
            return count == 0 ? nil : "\(count) \(change.rawValue)"
        }
        let incomplete = steps.count { $0.published?.missingCount ?? 0 > 0 }
        if incomplete > 0 { parts.append("\(incomplete) incomplete") }
        return "\(count(steps.count, "partition")) (\(parts.joined(separator: ", ")))"
    }
}
