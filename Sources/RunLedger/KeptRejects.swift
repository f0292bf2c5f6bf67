public import ExportModel

/// The rejects of windows that were not published because of them: one file a window below the
/// state directory, until the window completes.
public struct KeptRejects: Sendable {
    private static let pieceByteCount = 1 << 18

    private let directory: String
    private let fileSystem: any JournalFileSystem

    public init(
        _ state: StateDirectory, fileSystem: any JournalFileSystem = LocalFileSystem()
    ) {
        directory = state.path + "/rejects"
        self.fileSystem = fileSystem
    }

    /// Where the rejects of a window are; nil if there are none.
    public func path(of identity: WindowIdentity) -> String? {
        let path = self.file(of: identity)
        return fileSystem.exists(path) ? path : nil
    }

    /// Copies a file of rejects, in place of an earlier one.
    public func keep(_ source: String, of identity: WindowIdentity) throws(LedgerError) {
        try fileSystem.makeDurableDirectory(directory)
        let target = file(of: identity)
        let unfinished = target + ".unfinished"
        if fileSystem.exists(unfinished) { try fileSystem.remove(unfinished) }
        try copy(source, to: unfinished)
        try fileSystem.rename(unfinished, to: target)
        try fileSystem.synchronizeDirectory(directory)
    }

    /// Removes what is kept of a window, if anything is.
    public func remove(of identity: WindowIdentity) throws(LedgerError) {
        guard let path = path(of: identity) else { return }
        try fileSystem.remove(path)
    }

    private func file(of identity: WindowIdentity) -> String {
        directory + "/" + JournalFileName.make(identity, suffix: ".ndjson.gz")
    }

    private func copy(_ source: String, to target: String) throws(LedgerError) {
        guard let input = try fileSystem.open(source, creating: false) else { return }
        defer { fileSystem.close(input) }
        guard let output = try fileSystem.open(target, creating: true) else { return }
        defer { fileSystem.close(output) }
        let byteCount = try fileSystem.byteCount(of: input)
        var piece = [UInt8](repeating: 0, count: Self.pieceByteCount)
        var offset = 0
        while offset < byteCount {
            let count = min(Self.pieceByteCount, byteCount - offset)
            let result = piece.withUnsafeMutableBytes { bytes in
                Result { () throws(LedgerError) in
                    let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
                    try fileSystem.read(input, at: offset, into: part)
                    try fileSystem.write(output, at: offset, UnsafeRawBufferPointer(part))
                }
            }
            try result.get()
            offset += count
        }
        try fileSystem.synchronize(output)
    }
}
