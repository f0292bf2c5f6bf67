import ExportModel

/// A request body in the making, in one of the three encodings that providers take.
struct RequestBody {
    /// Fixed, so that the same request is the same bytes; long enough not to stand in a value.
    static let boundary = "cdrx-7f3c2a9e51d84b06-boundary"

    private let encoding: RequestShape.BodyEncoding
    private var bytes: [UInt8] = []

    init(encoding: RequestShape.BodyEncoding) {
        self.encoding = encoding
        bytes.reserveCapacity(256)
    }

    /// Adds a parameter under its own type.
    mutating func append(_ value: NamedValue) {
        switch value.value {
        case .int(let number): append(value.name, text: String(number), type: .int)
        case .text(let text): append(value.name, text: text, type: .text)
        }
    }

    /// Adds a parameter; an int is a bare number in JSON.
    mutating func append(_ name: String, text: String, type: ParameterType) {
        switch encoding {
        case .json: appendMember(name, text: text, type: type)
        case .form: appendPair(name, text: text)
        case .multipart: appendPart(name, text: text)
        }
    }

    /// The content type and the whole body.
    consuming func finished() -> (contentType: String, bytes: [UInt8]) {
        switch encoding {
        case .json:
            if bytes.isEmpty { bytes.append(UInt8(ascii: "{")) }
            bytes.append(UInt8(ascii: "}"))
            return ("application/json", bytes)
        case .form: return ("application/x-www-form-urlencoded", bytes)
        case .multipart:
            bytes += "--\(Self.boundary)--\r\n".utf8
            return ("multipart/form-data; boundary=\(Self.boundary)", bytes)
        }
    }

    private mutating func appendMember(_ name: String, text: String, type: ParameterType) {
        bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
        JSONText.appendQuoted(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        switch type {
        case .int: bytes.append(contentsOf: text.utf8)
        case .text: JSONText.appendQuoted(text, to: &bytes)
        }
    }

    private mutating func appendPair(_ name: String, text: String) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        Self.appendPercentEncoded(name, to: &bytes)
        bytes.append(UInt8(ascii: "="))
        Self.appendPercentEncoded(text, to: &bytes)
    }

    /// The text as it stands in a form.
    static func percentEncoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        appendPercentEncoded(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// application/x-www-form-urlencoded (URL Standard, section 5.2): a space is `+`.
    private static func appendPercentEncoded(_ text: String, to bytes: inout [UInt8]) {
        let hexadecimal = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "_"):
                bytes.append(byte)
            case UInt8(ascii: " "):
                bytes.append(UInt8(ascii: "+"))
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(hexadecimal[Int(byte >> 4)])
                bytes.append(hexadecimal[Int(byte & 15)])
            }
        }
    }

    /// multipart/form-data (RFC 7578).
    private mutating func appendPart(_ name: String, text: String) {
        bytes.append(
            contentsOf: """
                --\(Self.boundary)\r\nContent-Disposition: form-data; name="\(name)"\r\n\r\n\
                \(text)\r\n
                """.utf8)
    }
}
