/// Counts the lines of NDJSON. Line breaks inside strings are escaped there, so every one of them
/// ends a row.
struct LineCounter: RowCounter {
    private var count = 0
    private var endsWithLine = true

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let last = bytes.last else { return }
        for byte in bytes { count += byte == UInt8(ascii: "\n") ? 1 : 0 }
        endsWithLine = last == UInt8(ascii: "\n")
    }

    func finish() -> Int? {
        endsWithLine ? count : nil
    }
}
