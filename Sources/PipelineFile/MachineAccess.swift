import Foundation

/// What a reader may ask of the machine besides the bytes of files.
public struct MachineAccess: Sendable {
    /// Whether other users than a file's owner and group may read it.
    public var isReadableByOthers: @Sendable (String) -> Bool
    /// Whether a directory holds what cdrx exported or keeps.
    public var holdsOutput: @Sendable (String) -> Bool
    /// Runs the command of a `${command:…}`; nil where no request follows, so that nobody is asked
    /// for a password by `cdrx status`. Then such a credential is ``Secret/unread``.
    public var runCommand: (@Sendable (String) -> SecretCommandEnding)?

    /// Bytes of a secret; what is longer is something else.
    public static let secretByteLimit = 64 << 10

    /// A machine that is not asked at all.
    public static let none = MachineAccess(
        isReadableByOthers: { _ in false }, holdsOutput: { _ in false }, runCommand: nil)

    public init(
        isReadableByOthers: @escaping @Sendable (String) -> Bool,
        holdsOutput: @escaping @Sendable (String) -> Bool,
        runCommand: (@Sendable (String) -> SecretCommandEnding)?
    ) {
        self.isReadableByOthers = isReadableByOthers
        self.holdsOutput = holdsOutput
        self.runCommand = runCommand
    }

    /// This machine.
    public static func system(
        runCommand: (@Sendable (String) -> SecretCommandEnding)?
    ) -> MachineAccess {
        MachineAccess(
            isReadableByOthers: isReadable, holdsOutput: hasOutput, runCommand: runCommand)
    }

    /// By the modes of the file and of every directory on the way to it.
    @Sendable private static func isReadable(_ path: String) -> Bool {
        guard let found = realpath(path, nil) else { return false }
        defer { free(found) }
        var place = String(cString: found)
        var needed = mode_t(S_IROTH)
        while true {
            var status = stat()
            guard stat(place, &status) == 0, status.st_mode & needed != 0 else { return false }
            if place == "/" { return true }
            needed = mode_t(S_IXOTH)
            place = (place as NSString).deletingLastPathComponent
        }
    }

    @Sendable private static func hasOutput(_ directory: String) -> Bool {
        ["_state", "_runs"].contains { access(directory + "/" + $0, F_OK) == 0 }
    }
}

/// How the command of a `${command:…}` ended.
public enum SecretCommandEnding: Sendable {
    /// With exit code 0; what it printed, which is the secret.
    case printed([UInt8])
    /// Why there is no secret, with what it said on stderr; never what it printed.
    case failed(String)
}
