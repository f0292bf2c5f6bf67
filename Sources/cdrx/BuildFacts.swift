import CBuildFacts
import Compression
import Extraction
import PageDecoding
import RunLedger

/// What `cdrx --version` prints: what was built, how, and which libraries it runs with.
enum BuildFacts {
    /// The first line is the version alone, for scripts.
    static var text: String {
        let commit = String(cString: cbf_commit())
        let libraries =
            TransportLibraries.versions + DecodingLibraries.versions
            + CompressionLibraries.versions + LedgerLibraries.versions
        return """
            \(CDRX.version)
            commit:    \(commit.isEmpty ? "unknown" : commit)
            build:     \(configuration), Swift \(swiftVersion), \(platform)
            libraries: \(libraries.map { "\($0.name) \($0.version)" }.joined(separator: ", "))
            """
    }

    private static var configuration: String {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }

    /// The compiler's, as exactly as conditions can say it.
    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4 or newer"
        #elseif compiler(>=6.3.2)
            "6.3.2 or newer"
        #elseif compiler(>=6.3.1)
            "6.3.1"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    private static var platform: String {
        #if arch(x86_64)
            let machine = "x86_64"
        #elseif arch(arm64)
            let machine = "arm64"
        #else
            let machine = "another architecture"
        #endif
        #if os(Linux)
            return "Linux " + machine
        #else
            return "macOS " + machine
        #endif
    }
}
