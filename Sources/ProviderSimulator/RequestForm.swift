import Foundation

/// The parameters of a request: a JSON object, a form, or multipart parts; and the query of a GET.
struct RequestForm: Sendable {
    /// Values as text; JSON numbers without a fraction stand as they were, and members of objects
    /// inside the object under their names joined by dots.
    private(set) var values: [String: String]

    /// nil if the body is not of the kind that `contentType` names.
    init?(body: [UInt8], contentType: String) {
        let kind = contentType.lowercased()
        if kind.hasPrefix("multipart/form-data") {
            guard let parts = Self.multipart(body, contentType: contentType) else { return nil }
            values = parts
        } else if kind.hasPrefix("application/x-www-form-urlencoded") {
            values = Self.pairs(String(decoding: body, as: UTF8.self))
        } else {
            guard let object = Self.object(body) else { return nil }
            values = object
        }
    }

    /// The parameters after the `?` of an address.
    init(query: String) {
        values = Self.pairs(query)
    }

    /// nil if the parameter is missing or empty.
    func text(_ name: String) -> String? {
        guard let value = values[name], !value.isEmpty else { return nil }
        return value
    }

    /// nil if the parameter is missing, empty or no integer.
    func int(_ name: String) -> Int64? {
        text(name).flatMap { Int64($0) }
    }

    /// `fallback` if the parameter is missing or empty; nil if it is no integer.
    func int(_ name: String, or fallback: Int64) -> Int64? {
        text(name) == nil ? fallback : int(name)
    }

    private static func object(_ body: [UInt8]) -> [String: String]? {
        guard
            let parsed = try? JSONSerialization.jsonObject(with: Data(body)),
            let object = parsed as? [String: Any]
        else { return nil }
        var found: [String: String] = [:]
        flatten(object, prefix: "", into: &found)
        return found
    }

    private static func flatten(
        _ object: [String: Any], prefix: String, into found: inout [String: String]
    ) {
        for (name, value) in object {
            if let inner = value as? [String: Any] {
                flatten(inner, prefix: prefix + name + ".", into: &found)
            } else if let text = value as? String {
                found[prefix + name] = text
            } else if let number = value as? NSNumber {
                // Foundation's truth values are numbers of one character.
                let isBool = number.objCType.pointee == 0x63
                found[prefix + name] = isBool ? String(number.boolValue) : number.stringValue
            }
        }
    }

    private static func pairs(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            found[decoded(halves[0])] = halves.count > 1 ? decoded(halves[1]) : ""
        }
        return found
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = String(text.replacing("+", with: " "))
        return spaced.removingPercentEncoding ?? spaced
    }

    /// RFC 7578: every part's `name` with the text of the part.
    private static func multipart(_ body: [UInt8], contentType: String) -> [String: String]? {
        guard let boundary = parameter("boundary", of: contentType) else { return nil }
        var found: [String: String] = [:]
        let text = String(decoding: body, as: UTF8.self)
        for part in text.components(separatedBy: "--\(boundary)").dropFirst() {
            if part.hasPrefix("--") { return found }
            guard let gap = part.range(of: "\r\n\r\n"), part.hasSuffix("\r\n"),
                let name = parameter("name", of: String(part[..<gap.lowerBound]))
            else { return nil }
            found[name] = String(Substring(part.unicodeScalars[gap.upperBound...].dropLast(2)))
        }
        return nil
    }

    /// The value of `name=…` or `name="…"` in a header.
    private static func parameter(_ name: String, of header: String) -> String? {
        for piece in header.components(separatedBy: CharacterSet(charactersIn: ";\r\n")) {
            let trimmed = piece.trimmingCharacters(in: .whitespaces)
            guard trimmed.lowercased().hasPrefix("\(name)=") else { continue }
            let value = trimmed.dropFirst(name.count + 1)
            return value.hasPrefix("\"")
                ? String(value.dropFirst().prefix { $0 != "\"" })
                : String(value)
        }
        return nil
    }
}
