import Foundation

/// A shell command that reads a text on its stdin.
///
/// Its stdout goes to our stderr, because our stdout is for data. It stays in our process group, so
/// that an interrupt at the terminal reaches it and it may ask for a password there.
struct CommandPipe {
    /// How a command ended.
    enum Ending: Equatable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    let command: String
    /// Left open in the command, which thus keeps a lock that is tied to it.
    let inheriting: Int32?

    /// Runs the command to its end.
    ///
    /// - Throws: POSIXError where it cannot be started, and EPIPE where it succeeded without having
    ///   read all of the text.
    func run(feeding text: String) throws -> Ending {
        var pipeEnds: [Int32] = [0, 0]
        try Self.check(pipe(&pipeEnds) == 0 ? 0 : errno)
        // Or the command would hold the end that it waits for.
        _ = fcntl(pipeEnds[1], F_SETFD, FD_CLOEXEC)
        let child = Result { try spawn(reading: pipeEnds[0]) }
        close(pipeEnds[0])
        let written = child.map { _ in write(text, to: pipeEnds[1]) }
        close(pipeEnds[1])
        let ending = try wait(for: child.get())
        if ending == .exited(0) { try Self.check(written.get()) }
        return ending
    }

    private func spawn(reading descriptor: Int32) throws -> pid_t {
        try Self.spawn(command, hasOwnGroup: false) { actions in
            try Self.check(posix_spawn_file_actions_adddup2(&actions, descriptor, STDIN_FILENO))
            try Self.check(posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO))
            if descriptor != STDIN_FILENO {
                try Self.check(posix_spawn_file_actions_addclose(&actions, descriptor))
            }
            if let inheriting {
                // Onto itself: that takes the mark away that closes it.
                try Self.check(posix_spawn_file_actions_adddup2(&actions, inheriting, inheriting))
            }
        }
    }

    /// Starts a shell command with our environment.
    ///
    /// - Parameter prepare: says where its descriptors lead.
    static func spawn(
        _ command: String, hasOwnGroup: Bool,
        _ prepare: (inout posix_spawn_file_actions_t) throws -> Void
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        try check(posix_spawn_file_actions_init(&actions))
        defer { posix_spawn_file_actions_destroy(&actions) }
        try prepare(&actions)
        var attributes = posix_spawnattr_t()
        try Self.check(posix_spawnattr_init(&attributes))
        defer { posix_spawnattr_destroy(&attributes) }
        // We ignore SIGPIPE, and threads of a pool block all signals; programs expect neither.
        var signals = sigset_t()
        sigemptyset(&signals)
        try Self.check(posix_spawnattr_setsigmask(&attributes, &signals))
        sigaddset(&signals, SIGPIPE)
        try Self.check(posix_spawnattr_setsigdefault(&attributes, &signals))
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        // Group 0 is one of its own.
        if hasOwnGroup { flags |= POSIX_SPAWN_SETPGROUP }
        try Self.check(posix_spawnattr_setflags(&attributes, Int16(flags)))
        let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        return try withCStrings(["/bin/sh", "-c", command]) { arguments in
            try withCStrings(environment) { variables in
                var child = pid_t()
                try Self.check(
                    posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, variables))
                return child
            }
        }
    }

    /// 0, or the `errno` that ended the writing.
    private func write(_ text: String, to descriptor: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0 { return errno }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            return 0
        }
    }

    private func wait(for child: pid_t) throws -> Ending {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            if errno != EINTR { try Self.check(errno) }
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    private static func withCStrings<Result>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) throws -> Result
    ) rethrows -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return try body(copies + [nil])
    }

    /// Throws an `errno` that is not 0.
    static func check(_ number: Int32) throws {
        if number != 0 { throw POSIXError(POSIXErrorCode(rawValue: number) ?? .EIO) }
    }
}
