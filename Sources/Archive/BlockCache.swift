/// Decompressed payloads, the most recently used ones within a limit of bytes.
struct BlockCache {
    static let maximumByteCount = 1 << 25

    private var payloads: [BlockPlace: (bytes: [UInt8], used: Int)] = [:]
    private var byteCount = 0
    private var clock = 0

    /// nil where the payload must be read.
    mutating func payload(at place: BlockPlace) -> [UInt8]? {
        guard let bytes = payloads[place]?.bytes else { return nil }
        clock += 1
        payloads[place]?.used = clock
        return bytes
    }

    mutating func insert(_ bytes: [UInt8], at place: BlockPlace) {
        guard payloads[place] == nil, bytes.count <= Self.maximumByteCount else { return }
        clock += 1
        payloads[place] = (bytes, clock)
        byteCount += bytes.count
        while byteCount > Self.maximumByteCount,
            let oldest = payloads.min(by: { $0.value.used < $1.value.used })
        {
            payloads[oldest.key] = nil
            byteCount -= oldest.value.bytes.count
        }
    }

    mutating func removeAll() {
        payloads = [:]
        byteCount = 0
    }
}
