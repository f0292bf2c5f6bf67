public import Compression
public import ExportModel

/// One part of a partition: rows in, the bytes of its file out. For one thread.
///
/// Where the next part begins depends on the rows alone, not on the batches: see ``isFull``.
public final class PartStream {
    /// `part-00000.csv.gz`
    public let name: String
    /// Rows taken so far.
    public private(set) var rowCount = 0

    private var encoder: any PartitionEncoder
    private let limit: Int
    private let compressor: CompressedOutput

    /// - Parameters:
    ///   - number: from 0.
    ///   - defersCompression: see ``takeCompressionJobs()``.
    ///   - output: gets what comes before the first row.
    /// - Throws: ``FormatError/Code/formatUnknown``, or what the codec refuses.
    public init(
        number: Int, of description: PartitionDescription, options: OutputOptions,
        defersCompression: Bool = false, into output: inout [UInt8]
    ) throws(FormatError) {
        let type = try EncoderRegistry.encoder(for: options.format)
        let digits = String(number)
        let padding = String(repeating: "0", count: max(5 - digits.count, 0))
        let suffix = type.compressesItself ? "" : options.codecSuffix
        name = "part-\(padding)\(digits).\(type.fileExtension)\(suffix)"
        encoder = try type.init(description, options: options)
        limit = options.partByteCount
        compressor = try CompressedOutput(
            type.compressesItself ? .none : options.codec, defersWork: defersCompression)
        let encoder = self.encoder
        self.encoder = try compressor.append(to: &output) { (data) throws(FormatError) in
            var encoder = encoder
            try encoder.begin(into: &data)
            return encoder
        }
    }

    /// Size of the part before compression so far.
    public var dataByteCount: Int { encoder.dataByteCount }

    /// Whether the part takes no more rows. However small a part is to be, it takes one.
    public var isFull: Bool { rowCount > 0 && encoder.dataByteCount >= limit }

    /// Takes rows of `batch` in order until the part is full.
    ///
    /// - Parameter output: gets the bytes of the file that are ready, often none.
    /// - Returns: how many of `rows` were taken, at least one.
    /// - Precondition: the part is not full, and `rows` is not empty.
    public func append(
        _ batch: RecordBatch, rows: Range<Int>, to output: inout [UInt8]
    ) throws(FormatError) -> Int {
        var taken = rows.lowerBound
        while taken < rows.upperBound, !isFull {
            let block = taken..<min(taken + CellBlock.maximumRowCount, rows.upperBound)
            let count = try compressor.append(to: &output) { (data) throws(FormatError) in
                try encoder.append(batch, rows: block, limit: limit, to: &data)
            }
            taken += count
            rowCount += count
        }
        return taken - rows.lowerBound
    }

    /// Blocks for other threads to compress; they are to be done before ``finish(into:)``.
    public func takeCompressionJobs() -> [CompressionJob] { compressor.takeJobs() }

    /// Appends the last bytes of the file.
    public func finish(into output: inout [UInt8]) throws(FormatError) {
        try compressor.append(to: &output) { (data) throws(FormatError) in
            try encoder.finish(into: &data)
        }
        try compressor.finish(into: &output)
    }
}

/// What encoders write, as a file has it.
final class CompressedOutput {
    /// Room that the empty buffer may keep.
    private static let keptByteCount = 1 << 20

    /// nil where the bytes are stored as they are.
    private let stream: CompressionStream?
    private var data: [UInt8] = []

    init(_ codec: Codec, defersWork: Bool = false) throws(FormatError) {
        stream =
            try codec == .none
            ? nil
            : compressing(try CompressionStream(codec, defersWork: defersWork))
    }

    /// Compresses what `write` appends.
    func append<Value>(
        to output: inout [UInt8], _ write: (inout [UInt8]) throws(FormatError) -> Value
    ) throws(FormatError) -> Value {
        guard let stream else { return try write(&output) }
        let value = try write(&data)
        try compressing(try stream.append(data, to: &output))
        data.removeAll(keepingCapacity: data.count <= Self.keptByteCount)
        return value
    }

    func takeJobs() -> [CompressionJob] { stream?.takeJobs() ?? [] }

    func finish(into output: inout [UInt8]) throws(FormatError) {
        try compressing(try stream?.finish(into: &output))
    }
}

private func compressing<Value>(
    _ body: @autoclosure () throws(CompressionError) -> Value
) throws(FormatError) -> Value {
    do {
        return try body()
    } catch {
        throw FormatError(.compressionFailed, "cannot compress: \(error.message)", cause: error)
    }
}
