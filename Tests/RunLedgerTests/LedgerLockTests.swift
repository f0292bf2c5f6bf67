import ExportModel
import Foundation
import RunLedger
import Testing

@Suite struct LedgerLockTests {
    @Test func secondHolderLearnsWhoTheFirstIs() throws {
        let directory = try TemporaryDirectory()
        let lock = try LedgerLock.acquire(directory.state, as: .sample)
        let error = try #require(throws: LedgerError.self) {
            try LedgerLock.acquire(
                directory.state,
                as: LockHolder(processID: 1, host: "b", command: "c", startedAt: moment(0)))
        }
        withExtendedLifetime(lock) {}
        #expect(error.code == "ledger_locked")
        #expect(
            error.message.contains(
                "process 4711 on etl-1 ('cdrx run nightly.yaml', since 1970-01-01T00:00:00.000Z)"))
    }

    @Test func lockIsFreeOnceItsObjectIsGone() throws {
        let directory = try TemporaryDirectory()
        for _ in 0..<2 {
            _ = try LedgerLock.acquire(directory.state, as: .sample)
        }
    }

    @Test func shorterEntryReplacesALongerOne() throws {
        let directory = try TemporaryDirectory()
        let long = LockHolder(
            processID: 1, host: "h", command: String(repeating: "x", count: 500),
            startedAt: moment(0))
        _ = try LedgerLock.acquire(directory.state, as: long)
        let lock = try LedgerLock.acquire(directory.state, as: .sample)
        let error = try #require(throws: LedgerError.self) {
            try LedgerLock.acquire(directory.state, as: long)
        }
        withExtendedLifetime(lock) {}
        #expect(error.message.contains("process 4711"))
    }

    /// The other process takes the lock and is killed without a chance to clean up.
    @Test func lockOfAKilledProcessIsFree() async throws {
        let path = "/tmp/run-ledger-tests-killed-\(ProcessInfo.processInfo.processIdentifier)"
        let state = StateDirectory(path: path)
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let lock = try LedgerLock.acquire(StateDirectory(path: path), as: .sample)
            kill(getpid(), SIGKILL)
            withExtendedLifetime(lock) {}
        }
        #expect(FileManager.default.fileExists(atPath: state.lockPath))
        _ = try LedgerLock.acquire(state, as: .sample)
        try FileManager.default.removeItem(atPath: path)
    }

    @Test func otherProcessIsRefused() async throws {
        let path = "/tmp/run-ledger-tests-held-\(ProcessInfo.processInfo.processIdentifier)"
        let lock = try LedgerLock.acquire(StateDirectory(path: path), as: .sample)
        await #expect(processExitsWith: .exitCode(75)) { [path = path as String] in
            do {
                _ = try LedgerLock.acquire(StateDirectory(path: path), as: .sample)
            } catch let error as LedgerError where error.message.contains("process 4711") {
                exit(75)
            }
        }
        withExtendedLifetime(lock) {}
        try FileManager.default.removeItem(atPath: path)
    }
}
