public import ExportModel

/// Every output format there is.
public enum EncoderRegistry {
    /// One line a format.
    static let encoders: [OutputFormat: any PartitionEncoder.Type] = [
        .csv: CSVEncoder.self,
        .ndjson: NDJSONEncoder.self,
        .parquet: ParquetPartitionEncoder.self,
    ]

    /// Formats that can be written, in the order of their names.
    public static var formats: [OutputFormat] {
        encoders.keys.sorted { $0.rawValue < $1.rawValue }
    }

    static func encoder(
        for format: OutputFormat
    ) throws(FormatError) -> any PartitionEncoder.Type {
        guard let encoder = encoders[format] else {
            let known = formats.map(\.rawValue).joined(separator: ", ")
            throw FormatError(
                .formatUnknown, "no encoder writes \(format.rawValue) yet; choose one of \(known)")
        }
        return encoder
    }
}
