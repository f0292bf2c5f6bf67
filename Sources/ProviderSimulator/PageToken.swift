import Foundation

/// What a link or a cursor says of the page that it leads to.
///
/// It holds the whole question, so that the simulator keeps no state, and it is opaque: its text has
/// characters that a client must escape.
struct PageToken: Sendable {
    /// Number of the page, from 1.
    var page: Int64
    /// Rows of a page.
    var size: Int64
    /// Epoch milliseconds, both inclusive.
    var window: ClosedRange<Int64>
    /// Records before the page.
    var offset: Int64
    /// The last record of the page before.
    var anchor: PageAnchor

    init(
        page: Int64, size: Int64, window: ClosedRange<Int64>, offset: Int64, anchor: PageAnchor
    ) {
        self.page = page
        self.size = size
        self.window = window
        self.offset = offset
        self.anchor = anchor
    }

    /// nil if the text is none that ``text(_:)`` gave.
    init?(_ text: String, key: UInt64) {
        guard let data = Data(base64Encoded: text) else { return nil }
        let plain = zip(data, Self.mask(key, data.count)).map { $0 ^ $1 }
        let parts = String(decoding: plain, as: UTF8.self).split(separator: ".")
        let numbers = parts.compactMap { Int64($0) }
        guard numbers.count == 8, parts.count == 8, numbers[2] <= numbers[3],
            numbers[7] == Self.check(numbers.dropLast(), key)
        else { return nil }
        page = numbers[0]
        size = numbers[1]
        window = numbers[2]...numbers[3]
        offset = numbers[4]
        anchor = PageAnchor(time: numbers[5], number: Int(numbers[6]))
    }

    /// - Parameter key: of the endpoint and account; another one does not read it.
    func text(_ key: UInt64) -> String {
        let numbers = [
            page, size, window.lowerBound, window.upperBound, offset, anchor.time,
            Int64(anchor.number),
        ]
        let all = numbers + [Self.check(numbers[...], key)]
        let plain = Array(all.map { String($0) }.joined(separator: ".").utf8)
        return Data(zip(plain, Self.mask(key, plain.count)).map { $0 ^ $1 }).base64EncodedString()
    }

    private static func mask(_ key: UInt64, _ count: Int) -> [UInt8] {
        var draw = SeededDraw(seed: key)
        return (0..<count).map { _ in UInt8(draw.next() & 0xFF) }
    }

    private static func check(_ numbers: ArraySlice<Int64>, _ key: UInt64) -> Int64 {
        let mixed = numbers.reduce(key) { SeededDraw.mix($0 ^ UInt64(bitPattern: $1)) }
        return Int64(mixed >> 40)
    }
}
