/// Numbers with a unit: `30m`, `256MiB`.
enum Quantity {
    /// Milliseconds of `500ms`, `20s`, `30m`, `2h` or `1d`; nil for any other form or an overflow.
    static func milliseconds(_ text: String) -> Int64? {
        value(text, units: ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000])
    }

    /// Bytes of `10B`, `512KiB`, `256MiB`, `1GiB`, `10KB`, `10MB` or `1GB`; nil for any other form
    /// or an overflow.
    static func byteCount(_ text: String) -> Int64? {
        value(
            text,
            units: [
                "B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000,
                "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
            ])
    }

    /// A whole number without sign, directly followed by a unit.
    private static func value(_ text: String, units: [String: Int64]) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isWholeNumber }
        guard let number = Int64(digits), let unit = units[String(text[digits.endIndex...])]
        else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : product
    }
}
