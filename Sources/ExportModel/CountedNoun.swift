extension DefaultStringInterpolation {
    /// A number with its noun: `\(1, "window")` is `1 window`, `\(2, "window")` is `2 windows`.
    public mutating func appendInterpolation(_ count: Int, _ noun: String) {
        appendInterpolation(count)
        appendLiteral(" ")
        appendLiteral(count == 1 ? noun : noun + "s")
    }
}
