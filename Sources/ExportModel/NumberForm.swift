/// What a telephone number is that comes without `+`.
///
/// The rules are few and exact: what they do not make certain stays without an E.164 form. They
/// never give another number than libphonenumber does (`Tests/endtoend/test_derived.py`).
public enum NumberForm: Hashable, Sendable, CustomStringConvertible {
    /// It begins with a country code.
    case international
    /// It belongs to one country: the national number, alone or after the trunk prefix or the
    /// country code, or another country's after the international prefix.
    case national(NumberingPlan)

    /// Reads `international` or the two letters of a country; nil for anything else.
    public init?(_ text: String) {
        if text == "international" {
            self = .international
        } else if let plan = NumberingPlan.plans[text], plan.isDialedSimply {
            self = .national(plan)
        } else {
            return nil
        }
    }

    /// Other plans decide, too, so that a change of any changes the description.
    public var description: String {
        let table = ContentDigest.hexadecimal(of: Array(NumberingPlan.table.utf8)).prefix(8)
        return switch self {
        case .international: "international \(table)"
        case .national(let plan): "\(plan.region) \(table)"
        }
    }

    /// Appends the number in E.164: `+`, country code, national number; at most 15 digits.
    ///
    /// Spaces, hyphens and points between digits are left out; anything else is no number.
    ///
    /// - Returns: false, with nothing appended, where the number is not certain.
    public func appendE164(
        _ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) -> Bool {
        let start = output.count
        output.append(UInt8(ascii: "+"))
        for (index, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): output.append(byte)
            case UInt8(ascii: "+") where index == 0: break
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."): break
            default:
                output.removeLast(output.count - start)
                return false
            }
        }
        let hasPlus = text.first == UInt8(ascii: "+")
        if complete(&output, from: start + 1, hasPlus: hasPlus) { return true }
        output.removeLast(output.count - start)
        return false
    }

    /// Makes the digits at the end of `output` international; false where they are not certain.
    private func complete(_ output: inout [UInt8], from start: Int, hasPlus: Bool) -> Bool {
        if hasPlus { return NumberingPlan.isInternational(output[start...]) }
        switch self {
        case .international: return NumberingPlan.isInternational(output[start...])
        case .national(let plan):
            if let prefix = plan.internationalPrefix, output[start...].starts(with: prefix) {
                output.removeSubrange(start..<start + prefix.count)
                return NumberingPlan.isInternational(output[start...])
            }
            guard let national = plan.national(in: output[start...]) else { return false }
            output.replaceSubrange(start..<national, with: plan.code)
            return true
        }
    }
}
