public import ExportModel

/// An output format: rows in, bytes of one part file out, without I/O.
///
/// Called from one thread: `begin`, any number of `append`, `finish`, each part with an encoder of
/// its own. Equal rows must give equal bytes, however they were cut into batches. A new format is
/// one conforming type and one line in ``EncoderRegistry``.
public protocol PartitionEncoder: SendableMetatype {
    /// Whether the bytes need no codec around them, as in Parquet.
    static var compressesItself: Bool { get }

    /// Name of a part after `part-00000.`, as in `csv`; the codec's suffix is added to it.
    static var fileExtension: String { get }

    init(_ description: PartitionDescription, options: OutputOptions) throws(FormatError)

    /// Bytes of the part before compression so far. What a row adds depends on the row alone,
    /// because it decides where parts are cut.
    var dataByteCount: Int { get }

    /// Appends what comes before the first row.
    mutating func begin(into output: inout [UInt8]) throws(FormatError)

    /// Takes rows of `batch` in order until ``dataByteCount`` reaches `limit`; the row that reaches
    /// it is taken too. `rows` is never empty.
    ///
    /// - Returns: how many of `rows` were taken, at least one.
    mutating func append(
        _ batch: RecordBatch, rows: Range<Int>, limit: Int, to output: inout [UInt8]
    ) throws(FormatError) -> Int

    /// Appends what comes after the last row.
    mutating func finish(into output: inout [UInt8]) throws(FormatError)
}
