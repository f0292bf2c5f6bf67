import ExportModel

/// Names of files in the state directory that are about one account window or partition.
enum StateFileName {
    /// Longest name without its suffix; file systems take 255 bytes.
    private static let limit = 180

    /// `pipeline~stream~account~window`, every byte but `[A-Za-z0-9._-]` as `%XX`; a longer
    /// name is cut and ends in a hash. Two windows never share a name (short of a collision of 64
    /// bits).
    static func make(_ identity: WindowIdentity, suffix: String) -> String {
        make(
            [identity.pipeline, identity.stream, identity.account, identity.window], suffix: suffix)
    }

    /// The same for a partition; in place of the account ``PartitionIdentity/share``, empty for all.
    static func make(_ identity: PartitionIdentity, suffix: String) -> String {
        make(
            [identity.pipeline, identity.stream, identity.share ?? "", identity.window],
            suffix: suffix)
    }

    private static func make(_ parts: [String], suffix: String) -> String {
        let name = parts.map(escaped).joined(separator: "~")
        if name.utf8.count <= limit { return name + suffix }
        // FNV-1a; http://www.isthe.com/chongo/tech/comp/fnv/
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(name.prefix(limit)) + "~" + String(hash, radix: 16) + suffix
    }

    private static func escaped(_ text: String) -> String {
        var name = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return name
    }
}
