import Compression
public import FileSystem

/// Reads files of rejects.
public struct RejectsFile: Sendable {
    private let output: any PublishedOutput

    public init(_ output: any PublishedOutput) {
        self.output = output
    }

    /// Of files that are named by their paths on a disk.
    public init(disk: any Disk = SystemDisk()) {
        self.init(DirectoryOutput(root: "", disk: disk))
    }

    /// The rejects as they were written: one JSON object {account, reason, field, page, raw} each,
    /// without its line break. Empty where the partition has none.
    ///
    /// - Throws: storage errors; ``PartitionError/Code/manifestUnreadable``.
    public func lines(in directory: String) throws(PartitionError) -> [[UInt8]] {
        let manifest = try output.manifest(in: directory)
        guard let name = manifest.rejectsFile else { return [] }
        return try lines(ofFile: directory + "/" + name)
    }

    /// The lines of one file of rejects.
    public func lines(ofFile path: String) throws(PartitionError) -> [[UInt8]] {
        let collector = LineCollector()
        try output.readGzip(path) { collector.append($0) }
        return collector.lines
    }
}

extension PublishedOutput {
    /// Hands the data of a gzip file to `sink` in order, in pieces that are valid only during the
    /// call.
    ///
    /// - Throws: storage errors; ``PartitionError/Code/rereadDiffers`` where the bytes do not
    ///   decompress.
    func readGzip(
        _ path: String, to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(PartitionError) {
        let decoder = try decompressing(path, try DecompressionStream(.gzip()))
        var failure: PartitionError?
        try read(path) { piece in
            guard failure == nil else { return }
            do throws(PartitionError) {
                try decompressing(path, try decoder.append(piece, to: sink))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        try decompressing(path, try decoder.finish())
    }

    private func decompressing<Result>(
        _ path: String, _ body: @autoclosure () throws(CompressionError) -> Result
    ) throws(PartitionError) -> Result {
        do {
            return try body()
        } catch {
            throw PartitionError(
                .rereadDiffers, "\(name(of: path)) does not read back: \(error.message)",
                cause: error)
        }
    }
}

/// Keeps every line that passes by.
private final class LineCollector {
    private(set) var lines: [[UInt8]] = []
    private var current: [UInt8] = []

    func append(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(current)
                current.removeAll(keepingCapacity: true)
            } else {
                current.append(byte)
            }
        }
    }
}
