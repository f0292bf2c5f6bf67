import Foundation

/// A shell command that gets a summary on its stdin and may take only so long.
///
/// It has a process group of its own, so that whatever it started ends with it, and what it prints
/// goes to our stderr. It has our environment and nothing more. It need not read its stdin.
struct SummaryCommand {
    /// Why it was no success.
    struct Failure: Error {
        var message: String
    }

    /// Between two looks at a command.
    private static let pauseMilliseconds: Int64 = 20
    /// What a command that is asked to end has left.
    private static let graceMilliseconds: Int64 = 5_000

    let command: String
    let timeoutMilliseconds: Int64
    /// Milliseconds of a clock that never jumps back.
    let clock: () -> Int64

    /// Runs the command to its end.
    func run(feeding text: String) throws(Failure) {
        var input: [Int32] = [0, 0]
        let child: pid_t
        do {
            try CommandPipe.check(pipe(&input) == 0 ? 0 : errno)
            for end in input { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            defer { close(input[0]) }
            child = try CommandPipe.spawn(command, hasOwnGroup: true) { actions in
                try CommandPipe.check(
                    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO))
                try CommandPipe.check(
                    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO))
            }
        } catch {
            if input[1] > 0 { close(input[1]) }
            throw Failure(message: "it could not be started: \(error.localizedDescription)")
        }
        _ = fcntl(input[1], F_SETFL, O_NONBLOCK)
        let status = wait(for: child, writing: text, to: input[1])
        guard let status else {
            throw Failure(
                message: "it took more than \(timeoutMilliseconds / 1_000) s and was ended")
        }
        let signal = status & 0x7F
        if signal != 0 { throw Failure(message: "it was ended by signal \(signal)") }
        let code = (status >> 8) & 0xFF
        if code != 0 { throw Failure(message: "it exited with status \(code)") }
    }

    /// - Returns: what `waitpid` says; nil where the command had to be ended.
    private func wait(for child: pid_t, writing text: String, to end: Int32) -> Int32? {
        let bytes = Array(text.utf8)
        var rest = bytes[...]
        var end = end
        var status: Int32 = 0
        var signal = SIGTERM
        var limit = clock() + timeoutMilliseconds
        defer { if end >= 0 { close(end) } }
        while true {
            if end >= 0, !Self.write(&rest, to: end) || rest.isEmpty {
                close(end)
                end = -1
            }
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { return signal == SIGTERM ? status : nil }
            if ended < 0, errno != EINTR { return nil }
            if clock() >= limit {
                kill(-child, signal)
                signal = SIGKILL
                limit = clock() + Self.graceMilliseconds
            }
            var writable = pollfd(fd: end, events: Int16(POLLOUT), revents: 0)
            _ = poll(&writable, 1, Int32(Self.pauseMilliseconds))
        }
    }

    /// Writes what the pipe takes now.
    ///
    /// - Returns: false where nobody reads it any more.
    private static func write(_ rest: inout ArraySlice<UInt8>, to end: Int32) -> Bool {
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(end, $0.baseAddress, $0.count) }
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
