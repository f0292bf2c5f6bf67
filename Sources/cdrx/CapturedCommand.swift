import Foundation

/// A shell command whose stdout and stderr are read into memory.
final class CapturedCommand {
    private(set) var output: [UInt8] = []
    private(set) var errorOutput: [UInt8] = []
    private let process: pid_t
    private let hasOwnGroup: Bool
    /// -1 once it was closed on the other side: poll(2) passes over it then.
    private var outputEnd: Int32
    private var errorEnd: Int32

    /// Between two looks at a command that says nothing.
    private static let pauseMilliseconds: Int64 = 20
    private static let errorLimit = 64 << 10

    /// Starts a command. Throws a POSIXError.
    init(_ command: String) throws {
        hasOwnGroup = isatty(STDIN_FILENO) == 0 && isatty(STDERR_FILENO) == 0
        var outputPipe: [Int32] = [0, 0]
        var errorPipe: [Int32] = [0, 0]
        try CommandPipe.check(pipe(&outputPipe) == 0 ? 0 : errno)
        try CommandPipe.check(pipe(&errorPipe) == 0 ? 0 : errno)
        (outputEnd, errorEnd) = (outputPipe[0], errorPipe[0])
        for end in outputPipe + errorPipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        for end in [outputEnd, errorEnd] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        defer { for end in [outputPipe[1], errorPipe[1]] { close(end) } }
        process = try CommandPipe.spawn(command, hasOwnGroup: hasOwnGroup) { actions in
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, outputPipe[1], STDOUT_FILENO)
            posix_spawn_file_actions_adddup2(&actions, errorPipe[1], STDERR_FILENO)
        }
    }

    deinit {
        for end in [outputEnd, errorEnd] where end >= 0 { close(end) }
    }

    /// Reads until the command ends; what it leaves running is not waited for.
    ///
    /// - Parameters:
    ///   - end: on the clock; then the command is killed.
    ///   - outputLimit: bytes of stdout above which it is killed, too.
    /// - Returns: what `waitpid` says; nil after `end`.
    func wait(
        until end: Int64, clock: () -> Int64, outputLimit: Int
    ) throws -> Int32? {
        var status: Int32 = 0
        while true {
            let ended = waitpid(process, &status, WNOHANG)
            if ended < 0, errno != EINTR { try CommandPipe.check(errno) }
            read()
            if ended == process { return status }
            guard clock() < end, output.count <= outputLimit else { break }
            var ends = [outputEnd, errorEnd].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            _ = poll(&ends, 2, Int32(min(Self.pauseMilliseconds, max(end - clock(), 0))))
        }
        kill(hasOwnGroup ? -process : process, SIGKILL)
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        read()
        return output.count > outputLimit ? status : nil
    }

    private func read() {
        Self.append(&outputEnd, to: &output, limit: .max)
        Self.append(&errorEnd, to: &errorOutput, limit: Self.errorLimit)
    }

    /// Appends what there is now.
    private static func append(_ end: inout Int32, to bytes: inout [UInt8], limit: Int) {
        var block = [UInt8](repeating: 0, count: 1 << 14)
        // Whoever never pauses is looked at between two stretches.
        for _ in 0..<64 where end >= 0 {
            let count = Foundation.read(end, &block, block.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return }
            if count == 0 {
                close(end)
                end = -1
            }
            bytes += block[..<count].prefix(max(limit - bytes.count, 0))
        }
    }
}
