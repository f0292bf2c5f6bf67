/// One record before a provider writes it: who, when, and the seed of everything else.
struct Call: Sendable {
    /// Credential or login that owns it.
    let account: String
    /// Unlike that of any other record of the endpoint and account; those that drift brings begin
    /// at ``firstDriftNumber``.
    let number: Int
    /// Epoch milliseconds
    let time: Int64
    /// Seed of the endpoint and account.
    let streamSeed: UInt64
    /// Index within the answer to one request id; 0 elsewhere.
    var leg = 0
    /// Calls in the answer to one request id; 1 elsewhere.
    var legCount = 1

    /// Longer than any call.
    static let maximumSeconds: Int64 = 4_000

    /// How long it rang, and how long they talked; nil: nobody answered.
    var seconds: (ring: Int, talk: Int?) {
        var draw = self.draw(SeededDraw.number(of: "seconds"))
        let isAnswered = !draw.oneIn(4)
        return (CallPool.ringSeconds(&draw), isAnswered ? CallPool.talkSeconds(&draw) : nil)
    }

    /// Epoch milliseconds
    var endTime: Int64 {
        let seconds = self.seconds
        return time + Int64(seconds.ring + (seconds.talk ?? 0)) * 1_000
    }

    /// Far above the count of generated records.
    static let firstDriftNumber = 1 << 40

    /// The record's own draws; `purpose` separates those that must not depend on each other.
    func draw(_ purpose: UInt64 = 0) -> SeededDraw {
        SeededDraw(seed: SeededDraw.seed(streamSeed, UInt64(number), UInt64(leg), purpose))
    }

    /// 64 bits that no other record of the endpoint and account has.
    var uniqueBits: UInt64 {
        SeededDraw.mix(streamSeed ^ UInt64(number))
    }

    /// 24 hexadecimal digits, the first eight of them the second of the call, as TeleCMI's `_id`.
    var objectID: String {
        Self.hexadecimal(UInt64(time / 1_000), width: 8) + Self.hexadecimal(uniqueBits, width: 16)
    }

    /// A UUID of version 4.
    var uuid: String {
        let bits = uniqueBits
        let more = SeededDraw.mix(bits)
        let digits = [
            Self.hexadecimal(bits >> 32, width: 8),
            Self.hexadecimal(bits >> 16 & 0xFFFF, width: 4),
            "4" + Self.hexadecimal(more & 0xFFF, width: 3),
            Self.hexadecimal(0x8000 | more >> 12 & 0x3FFF, width: 4),
            Self.hexadecimal(bits & 0xFFFF, width: 4) + Self.hexadecimal(more >> 32, width: 8),
        ]
        return digits.joined(separator: "-")
    }

    /// Lower-case hexadecimal, filled with zeros.
    static func hexadecimal(_ value: UInt64, width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
