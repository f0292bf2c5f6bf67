import BoundedDispatch
import GRDB

/// The texts that rows share under small numbers, kept in memory as they are met.
///
/// Numbers never change once they are committed. A transaction that is rolled back may have given
/// numbers that are free again, so ``forget()`` follows it.
final class LedgerNames: Sendable {
    private struct Known {
        var ids: [String: Int64] = [:]
        var names: [Int64: String] = [:]
        var exports: [String: Int64] = [:]
    }

    /// The output directory that the ledger is opened for.
    private let output: String
    private let known = Guarded(Known())

    init(output: String) {
        self.output = output
    }

    func forget() {
        known.withLock { $0 = Known() }
    }

    /// The number of a text; nil where no row has it.
    func id(of name: String, in database: Database) throws -> Int64? {
        if let id = known.withLock({ $0.ids[name] }) { return id }
        let statement = try database.cachedStatement(sql: "SELECT id FROM names WHERE name = ?")
        guard let id = try Int64.fetchOne(statement, arguments: [name]) else { return nil }
        keep(name, id)
        return id
    }

    /// The number of a text, given where it has none.
    func makeID(of name: String, in database: Database) throws -> Int64 {
        if let id = try id(of: name, in: database) { return id }
        try database.cachedStatement(sql: "INSERT INTO names (name) VALUES (?)")
            .execute(arguments: [name])
        let id = database.lastInsertedRowID
        keep(name, id)
        return id
    }

    /// The text of a number.
    ///
    /// - Throws: `ledger_corrupt` where no text has it.
    func name(of id: Int64, in database: Database) throws -> String {
        if let name = known.withLock({ $0.names[id] }) { return name }
        let statement = try database.cachedStatement(sql: "SELECT name FROM names WHERE id = ?")
        guard let name = try String.fetchOne(statement, arguments: [id]) else {
            throw LedgerError(unknown: "\(id)", "name")
        }
        keep(name, id)
        return name
    }

    /// The number of a pipeline's export to the output; nil where it never ran.
    func export(of pipeline: String, in database: Database) throws -> Int64? {
        if let id = known.withLock({ $0.exports[pipeline] }) { return id }
        return try Int64.fetchOne(
            database, sql: "SELECT export FROM exports WHERE pipeline = ? AND output = ?",
            arguments: [pipeline, output])
    }

    /// The number of a pipeline's export to the output, given where it has none.
    func makeExport(of pipeline: String, in database: Database) throws -> Int64 {
        if let id = known.withLock({ $0.exports[pipeline] }) { return id }
        let id: Int64
        if let found = try export(of: pipeline, in: database) {
            id = found
        } else {
            try database.execute(
                sql: "INSERT INTO exports (pipeline, output) VALUES (?, ?)",
                arguments: [pipeline, output])
            id = database.lastInsertedRowID
        }
        known.withLock { $0.exports[pipeline] = id }
        return id
    }

    private func keep(_ name: String, _ id: Int64) {
        known.withLock { known in
            known.ids[name] = id
            known.names[id] = name
        }
    }
}
