public import FileSystem

/// Reads files of rejects.
public struct RejectsFile: Sendable {
    private let files: Files<PartitionError>

    public init(disk: any Disk = SystemDisk()) {
        files = Files(disk)
    }

    /// The rejects as they were written: one JSON object {account, reason, field, page, raw} each,
    /// without its line break. Empty where the partition has none.
    ///
    /// - Throws: storage errors; ``PartitionError/Code/manifestUnreadable``.
    public func lines(in directory: String) throws(PartitionError) -> [[UInt8]] {
        let manifest = try PartitionVerifier(disk: files.disk).manifest(in: directory)
        guard let name = manifest.rejectsFile else { return [] }
        return try lines(ofFile: directory + "/" + name)
    }

    /// The lines of one file of rejects.
    public func lines(ofFile path: String) throws(PartitionError) -> [[UInt8]] {
        let collector = LineCollector()
        try StoredFile(path, files).readGzip { collector.append($0) }
        return collector.lines
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
