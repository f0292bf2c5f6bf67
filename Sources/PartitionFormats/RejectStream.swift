import Compression
public import ExportModel

/// The rejects of a partition: records in, the bytes of a gzip NDJSON file out. For one thread.
public final class RejectStream {
    private let compressor: CompressedOutput

    public init() throws(FormatError) {
        compressor = try CompressedOutput(.gzip())
    }

    /// - Parameters:
    ///   - account: whose record it is.
    ///   - output: gets the bytes of the file that are ready, often none.
    /// - Returns: the reject's line, without its line break.
    public func append(
        _ reject: Reject, account: String, to output: inout [UInt8]
    ) throws(FormatError) -> [UInt8] {
        try compressor.append(to: &output) { data in
            let start = data.count
            RejectText.append(reject, account: account, to: &data)
            return Array(data[start...].dropLast())
        }
    }

    /// Appends the last bytes of the file.
    public func finish(into output: inout [UInt8]) throws(FormatError) {
        try compressor.finish(into: &output)
    }
}
