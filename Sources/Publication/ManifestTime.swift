public import ExportModel

/// A moment as manifests and run files write it: ISO 8601, UTC, milliseconds.
public struct ManifestTime: Codable, Hashable, Sendable {
    public var moment: Timestamp

    public init(_ moment: Timestamp) {
        self.moment = moment
    }

    /// Reads `2022-06-02T15:16:08.809Z`; nil for any other form.
    public init?(iso8601 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, bytes[19] == UInt8(ascii: "."), bytes[23] == UInt8(ascii: "Z"),
            let seconds = bytes.withUnsafeBufferPointer({
                TimestampText.localSeconds(UnsafeBufferPointer(rebasing: $0[..<19]))
            }),
            let milliseconds = Int64(String(decoding: bytes[20..<23], as: UTF8.self)),
            milliseconds >= 0
        else { return nil }
        moment = Timestamp(epochMilliseconds: seconds * 1_000 + milliseconds)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = Self(iso8601: text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\(text) is no time of the form yyyy-mm-ddThh:mm:ss.sssZ")
        }
        self = time
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(moment.iso8601)
    }

    var json: JSONNode { .text(moment.iso8601) }
}
