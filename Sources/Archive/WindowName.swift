/// Names a window of a stream, and the files of its segments.
struct WindowName: Hashable, Comparable {
    var pipeline: String
    var stream: String
    /// The window's key, as in `2026-11-19`.
    var key: String

    static let suffix = ".segment"
    /// Of a segment that a compaction has not finished.
    static let unfinishedSuffix = ".segment-new"
    /// Of a damaged segment that a compaction no longer needs.
    static let damagedSuffix = ".segment-damaged"

    /// Longest key in a file's name; file systems take 255 bytes.
    private static let limit = 120

    static func < (left: Self, right: Self) -> Bool {
        (left.stream, left.key) < (right.stream, right.key)
    }

    /// The stream's directory below that of the archive.
    static func directory(ofStream stream: String) -> String { escaped(stream) }

    /// nil where no stream has this directory.
    static func stream(ofDirectory name: String) -> String? { unescaped(name[...]) }

    /// `<window>.<pipeline>.`, with which the names of the window's files begin. Two windows never
    /// share it (short of a collision of 64 bits, which the segments' headers would reveal).
    var filePrefix: String {
        Self.shortened(Self.escaped(key)) + "." + Self.shortened(Self.escaped(pipeline)) + "."
    }

    func fileName(number: Int, suffix: String = suffix) -> String {
        filePrefix + "\(number)" + suffix
    }

    /// The number of one of the window's segments; nil for any other file.
    func number(ofFile name: String) -> Int? {
        guard name.hasPrefix(filePrefix), name.hasSuffix(Self.suffix) else { return nil }
        return Int(name.dropFirst(filePrefix.count).dropLast(Self.suffix.count))
    }

    /// Whether a file belongs to the window, whatever its state.
    func owns(_ name: String) -> Bool {
        name.hasPrefix(filePrefix) && name.contains(Self.suffix)
    }

    /// The key and the pipeline that a segment's file is named after, whatever its state; nil where
    /// the name is none of a segment, or is cut.
    static func parts(ofFile name: String) -> (key: String, pipeline: String)? {
        guard !name.contains("~") else { return nil }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, Int(parts[2]) != nil, ("." + parts[3]).hasPrefix(suffix),
            let key = unescaped(parts[0]),
            let pipeline = unescaped(parts[1])
        else { return nil }
        return (key, pipeline)
    }

    /// Every byte but `[A-Za-z0-9_-]` as `%XX`.
    private static func escaped(_ text: String) -> String {
        var name = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return name
    }

    private static func unescaped(_ name: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = name.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(Substring(rest.prefix(2)), radix: 16) else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// A longer name is cut and ends in a hash.
    private static func shortened(_ name: String) -> String {
        if name.utf8.count <= limit { return name }
        // FNV-1a; http://www.isthe.com/chongo/tech/comp/fnv/
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(name.prefix(limit - 17)) + "~" + String(hash, radix: 16)
    }
}
