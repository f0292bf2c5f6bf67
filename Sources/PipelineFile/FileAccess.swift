import Foundation

/// How the reader gets at files: by their path, relative to the working directory.
struct FileAccess {
    /// Directory of the pipeline file, without a trailing slash; empty for the working directory.
    let directory: String
    let contents: @Sendable (String) throws -> [UInt8]
    let machine: MachineAccess

    init(
        pipelineFile path: String, machine: MachineAccess = .none,
        contents: @escaping @Sendable (String) throws -> [UInt8]
    ) {
        self.contents = contents
        self.machine = machine
        let slash = path.lastIndex(of: "/")
        directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
    }

    /// A path of the pipeline file, as seen from the working directory.
    func resolve(_ path: String) -> String {
        if path.hasPrefix("/") || directory.isEmpty { return path }
        return directory == "/" ? directory + path : directory + "/" + path
    }

    /// The bytes of a file that `item` names; nil and a finding if it cannot be read.
    func read(_ path: String, namedBy item: YAMLValue) -> [UInt8]? {
        do {
            return try contents(path)
        } catch {
            item.fail("\(item.name): \(Self.reason(error, path: path))")
            return nil
        }
    }

    /// `cannot read ‹path›: ‹why›`
    static func reason(_ error: any Error, path: String) -> String {
        if let error = error as? POSIXError {
            if error.code == .EFBIG {
                let limit = PipelineReader.fileByteLimit >> 20
                return "`\(path)` has more than \(limit) MiB, so it is not read; check the path"
            }
            return "cannot read `\(path)`: \(String(cString: strerror(error.code.rawValue)))"
        }
        return "cannot read `\(path)`: \(error.localizedDescription)"
    }
}

extension PipelineReader {
    /// Pipeline files, accounts files and request lists are smaller; devices are endless.
    static let fileByteLimit = 64 << 20

    /// Reads a file from disk: what a program passes as `readFile`. Throws a `POSIXError`, `EFBIG`
    /// above ``fileByteLimit``.
    @Sendable public static func contentsOfFile(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw lastError }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&block, 1, block.count, file)
            guard ferror(file) == 0 else { throw lastError }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= fileByteLimit else { throw POSIXError(.EFBIG) }
            bytes += block[..<count]
        }
    }

    private static var lastError: POSIXError {
        POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
}
