import ExportModel
import Yams

/// Reading single values. Each verb gives nil, and a finding, where the value is not what it says.
extension YAMLValue {
    /// The exact text of any scalar, so that numbers may stand for text: `appid: 0123`.
    ///
    /// - Parameter files: given for credentials, which may come from files and commands.
    func scalar(as what: String, secretsFrom files: FileAccess? = nil) -> ScalarText? {
        guard case .scalar(let scalar) = node, !isNull else {
            fail("\(name) must be \(what), not \(shape)")
            return nil
        }
        guard let environment = context.environment else {
            return ScalarText(
                text: scalar.string, isPlain: scalar.style == .plain, hasReferences: false)
        }
        do {
            let expansion = try EnvironmentReference.expand(
                scalar.string, environment: environment,
                secrets: files.map { SecretReader(files: $0) { warn("\(name): \($0)") } })
            return ScalarText(
                text: expansion.text,
                isPlain: scalar.style == .plain || expansion.hasReferences,
                hasReferences: expansion.hasReferences, isUnread: expansion.isUnread)
        } catch {
            fail("\(name): \(error.message)")
            return nil
        }
    }

    /// Any text but the empty one, in one line.
    func text(_ what: String = "text") -> String? {
        guard let scalar = scalar(as: what) else { return nil }
        guard !scalar.text.isEmpty else {
            fail("\(name) must not be empty")
            return nil
        }
        guard !scalar.text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
        else {
            fail("\(name) must not contain line breaks or control characters")
            return nil
        }
        return scalar.text
    }

    func int(in range: ClosedRange<Int>) -> Int? {
        let what = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let scalar = scalar(as: what) else { return nil }
        guard scalar.isPlain else {
            fail("\(name) must be \(what), not text; remove the quotes")
            return nil
        }
        guard let value = Self.wholeNumber(scalar.text), let int = Int(exactly: value),
            range.contains(int)
        else {
            fail("\(name) must be \(what), not \(scalar.quoted)")
            return nil
        }
        return int
    }

    /// A number above zero and at most `limit`, for rates.
    func rate(upTo limit: Double) -> Double? {
        let what = "a number above 0 and at most \(Int(limit))"
        guard let scalar = scalar(as: what) else { return nil }
        let isDecimal = scalar.text.utf8.allSatisfy {
            $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        guard scalar.isPlain, isDecimal, let value = Double(scalar.text), value > 0, value <= limit
        else {
            fail("\(name) must be \(what), as in `5` or `0.5`, not \(scalar.quoted)")
            return nil
        }
        return value
    }

    func bool() -> Bool? {
        guard let scalar = scalar(as: "true or false") else { return nil }
        if scalar.isPlain {
            switch scalar.text {
            case "true", "True", "TRUE": return true
            case "false", "False", "FALSE": return false
            default: break
            }
        }
        fail("\(name) must be true or false, not \(scalar.quoted)")
        return nil
    }

    /// One of a closed set of words.
    func word<Word: RawRepresentable & CaseIterable>(_: Word.Type) -> Word?
    where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue)
        let listed = Self.alternatives(words)
        guard let scalar = scalar(as: listed) else { return nil }
        if let word = Word(rawValue: scalar.text) { return word }
        let suggestion =
            scalar.hasReferences
            ? "" : NearestName.suggestion(for: scalar.text, among: words)
        fail("\(name) must be \(listed), not \(scalar.quoted)\(suggestion)")
        return nil
    }

    /// Milliseconds of a time with its unit.
    func milliseconds(in range: ClosedRange<Int64>, shownAs bounds: String) -> Int64? {
        let what = "a time with its unit (ms, s, m, h or d), as in `30s`"
        guard let scalar = scalar(as: what) else { return nil }
        guard let value = Quantity.milliseconds(scalar.text) else {
            let isBare = Self.wholeNumber(scalar.text) != nil && !scalar.hasReferences
            let remedy = isBare ? "; did you mean `\(scalar.text)s` or `\(scalar.text)m`?" : ""
            fail("\(name) must be \(what), not \(scalar.quoted)\(remedy)")
            return nil
        }
        guard range.contains(value) else {
            fail("\(name) must be \(bounds), not \(scalar.quoted)")
            return nil
        }
        return value
    }

    /// Bytes of a size with its unit.
    func byteCount(in range: ClosedRange<Int64>, shownAs bounds: String) -> Int? {
        let what = "a size with its unit (KiB, MiB, GiB, KB, MB or GB), as in `256MiB`"
        guard let scalar = scalar(as: what) else { return nil }
        guard let value = Quantity.byteCount(scalar.text) else {
            fail("\(name) must be \(what), not \(scalar.quoted)")
            return nil
        }
        guard range.contains(value), let count = Int(exactly: value) else {
            fail("\(name) must be \(bounds), not \(scalar.quoted)")
            return nil
        }
        return count
    }

    /// The value of `-?[0-9]+`; nil for anything else, also for what YAML 1.1 calls a number.
    static func wholeNumber(_ text: String) -> Int64? {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int64(text)
    }

    /// `a, b or c`
    static func alternatives(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}
