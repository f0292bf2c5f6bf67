import ExportModel
import Foundation

/// The credentials that went with a request, to be taken out of what the provider says.
struct SentSecrets: Sendable {
    /// In no order.
    private let secrets: [Secret]

    /// What stands for a credential.
    static let hidden = "…"
    /// Shorter ones are only taken out where they stand alone, or they would take words apart.
    static let fewestBytesInsideWords = 4

    /// - Parameters:
    ///   - credentials: by documented name.
    ///   - auth: how they were sent; HTTP Basic joins two of them.
    init(_ credentials: [String: Secret] = [:], auth: RequestAuth? = nil) {
        var secrets = Array(credentials.values)
        if case .basic(let user, let password) = auth, let user = credentials[user],
            let password = credentials[password]
        {
            secrets.append(
                Secret(Self.basic(user: user.revealed(), password: password.revealed())))
        }
        self.secrets = secrets
    }

    /// What HTTP Basic encodes (RFC 7617, section 2).
    static func basic(user: String, password: String) -> String { user + ":" + password }

    /// The text without the credentials, in whichever encoding they stand there.
    func hidden(in text: String) -> String {
        var bytes = Array(text.utf8)
        let forms = Set(secrets.flatMap { Self.forms(of: $0.revealed()) })
        // The longest first: one form may be part of another.
        for form in forms.sorted(by: { $0.count > $1.count }) {
            Self.remove(form, from: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A credential as it is, and as requests and error texts encode it.
    static func forms(of value: String) -> Set<[UInt8]> {
        var json: [UInt8] = []
        JSONText.appendQuoted(value, to: &json)
        let quoted = String(decoding: json.dropFirst().dropLast(), as: UTF8.self)
        let base64 = Data(value.utf8).base64EncodedString()
        let form = RequestBody.percentEncoded(value)
        let forms = [
            value, value.lowercased(), value.uppercased(), quoted,
            quoted.replacing("/", with: #"\/"#), asciiJSON(quoted),
            form, form.replacing("+", with: "%20"), PercentEncoding.encode(value),
            base64.replacing("=", with: ""),
            base64.replacing("=", with: "").replacing("+", with: "-").replacing("/", with: "_"),
            value.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
                .replacing("'", with: "&#39;"),
        ]
        return Set(forms.map { Array($0.utf8) }.filter { !$0.isEmpty })
    }

    /// Every UTF-16 unit above ASCII as `\uXXXX`.
    private static func asciiJSON(_ quoted: String) -> String {
        quoted.utf16.map { unit in
            UnicodeScalar(unit).flatMap { $0.isASCII ? String($0) : nil }
                ?? #"\u"# + hexadecimal(unit, digits: 4)
        }.joined()
    }

    private static func hexadecimal(_ value: UInt16, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: digits - text.count) + text
    }

    private static func remove(_ form: [UInt8], from text: inout [UInt8]) {
        let wanted = form.map(lowered)
        let mayStandInside = form.count >= fewestBytesInsideWords
        var kept: [UInt8] = []
        var at = 0
        while at < text.count {
            let end = at + form.count
            let isFound =
                end <= text.count && lowered(text[at]) == wanted[0]
                && text[at..<end].lazy.map(lowered).elementsEqual(wanted)
                && (mayStandInside
                    || !(at > 0 && isWord(text[at - 1]))
                        && !(end < text.count && isWord(text[end])))
            if isFound {
                kept += hidden.utf8
                at = end
            } else {
                kept.append(text[at])
                at += 1
            }
        }
        text = kept
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowered(byte))
    }
}
