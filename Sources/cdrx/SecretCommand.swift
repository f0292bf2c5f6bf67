import BoundedDispatch
import ExportRun
import Extraction
import Foundation
import PipelineFile

/// Runs the commands of `${command:…}`, each distinct one once.
///
/// A command reads nothing from stdin. At a terminal it stays in our process group, so that it may
/// ask for a passphrase there; elsewhere it has its own, and ends with all its children at the
/// time limit.
enum SecretCommand {
    /// Seconds a command may take; `CDRX_COMMAND_TIMEOUT` in the environment.
    static let standardTimeoutSeconds = 60
    /// Characters of stderr that are shown.
    private static let shownLimit = 400

    /// What pipeline files are read with: the ending of each command is kept for the next time.
    static func runner(
        environment: [String: String]
    ) -> @Sendable (String) -> SecretCommandEnding {
        let endings = Guarded<[String: SecretCommandEnding]>([:])
        let timeout =
            environment["CDRX_COMMAND_TIMEOUT"].flatMap { Int($0) } ?? standardTimeoutSeconds
        return { command in
            if let known = endings.withLock({ $0[command] }) { return known }
            let ending = run(command, timeoutSeconds: max(timeout, 1))
            endings.withLock { $0[command] = ending }
            return ending
        }
    }

    private static func run(_ command: String, timeoutSeconds: Int) -> SecretCommandEnding {
        do {
            let child = try CapturedCommand(command)
            let clock = SystemClock.environment().monotonicMilliseconds
            let end = clock() + Int64(timeoutSeconds) * 1_000
            let limit = MachineAccess.secretByteLimit
            guard let status = try child.wait(until: end, clock: clock, outputLimit: limit) else {
                return .failed(
                    "did not end within \(timeoutSeconds) s (CDRX_COMMAND_TIMEOUT)"
                        + said(child.errorOutput))
            }
            // The reader says what is wrong with more.
            if status == 0 || child.output.count > limit { return .printed(child.output) }
            let signal = status & 0x7F
            let how =
                signal == 0
                ? "ended with exit code \((status >> 8) & 0xFF)" : "was ended by signal \(signal)"
            return .failed(how + said(child.errorOutput))
        } catch {
            return .failed("cannot be run: \(error.localizedDescription)")
        }
    }

    /// What a command wrote to stderr, in one line.
    private static func said(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let words = text.unicodeScalars.split {
            $0.properties.generalCategory == .control || $0 == " "
        }
        let line = words.map(String.init).joined(separator: " ")
        guard !line.isEmpty else { return " and said nothing on stderr" }
        return ", saying: " + line.prefix(shownLimit) + (line.count > shownLimit ? "…" : "")
    }
}
