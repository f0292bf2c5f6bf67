import ExportModel

/// A request body in the making, in one of the three encodings that providers take.
struct RequestBody {
    /// Fixed, so that the same request is the same bytes; long enough not to stand in a value.
    static let boundary = "cdrx-7f3c2a9e51d84b06-boundary"

    private let encoding: RequestShape.BodyEncoding
    private var bytes: [UInt8] = []
    /// Of a JSON body.
    private var members = JSONMembers()

    init(encoding: RequestShape.BodyEncoding) {
        self.encoding = encoding
        bytes.reserveCapacity(256)
    }

    /// How JSON writes a value.
    enum ValueForm {
        /// As it is: a number or a truth value.
        case number
        case text

        init(_ type: ParameterType) {
            self = type == .int ? .number : .text
        }
    }

    /// Adds a parameter; in JSON, a dot in its name nests.
    mutating func append(_ name: String, text: String, as form: ValueForm) {
        switch encoding {
        case .json: members.append(name.split(separator: ".")[...], text: text, as: form)
        case .form: appendPair(name, text: text)
        case .multipart: appendPart(name, text: text)
        }
    }

    /// The content type and the whole body.
    consuming func finished() -> (contentType: String, bytes: [UInt8]) {
        switch encoding {
        case .json:
            members.write(to: &bytes)
            return ("application/json", bytes)
        case .form: return ("application/x-www-form-urlencoded", bytes)
        case .multipart:
            bytes += "--\(Self.boundary)--\r\n".utf8
            return ("multipart/form-data; boundary=\(Self.boundary)", bytes)
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

/// The members of a JSON object, in the order in which they were first named.
private struct JSONMembers {
    private enum Value {
        /// As it is written.
        case scalar([UInt8])
        case object(JSONMembers)
    }

    private var members: [(name: Substring, value: Value)] = []

    mutating func append(
        _ path: ArraySlice<Substring>, text: String, as form: RequestBody.ValueForm
    ) {
        guard let name = path.first else { return }
        guard path.count > 1 else {
            var bytes: [UInt8] = []
            switch form {
            case .number: bytes.append(contentsOf: text.utf8)
            case .text: JSONText.appendQuoted(text, to: &bytes)
            }
            members.append((name, .scalar(bytes)))
            return
        }
        let index = members.firstIndex { $0.name == name } ?? members.count
        var inner = JSONMembers()
        if index == members.count {
            members.append((name, .object(inner)))
        } else if case .object(let known) = members[index].value {
            inner = known
        }
        inner.append(path.dropFirst(), text: text, as: form)
        members[index].value = .object(inner)
    }

    func write(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(String(member.name), to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            switch member.value {
            case .scalar(let text): bytes += text
            case .object(let object): object.write(to: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }
}
