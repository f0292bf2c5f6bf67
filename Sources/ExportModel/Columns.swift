/// Which rows of a column hold a value: one bit a row, 1 where there is one.
public struct Validity: Sendable, Equatable {
    /// Bits, least significant first; bits after `count` are 0.
    public private(set) var words: [UInt64] = []
    public private(set) var count = 0
    public private(set) var nullCount = 0

    public init() {}

    public mutating func append(_ isValid: Bool) {
        if count & 63 == 0 { words.append(0) }
        if isValid {
            words[count >> 6] |= 1 << UInt64(count & 63)
        } else {
            nullCount += 1
        }
        count += 1
    }

    /// Appends the same answer for `rowCount` rows.
    public mutating func append(_ isValid: Bool, rowCount: Int) {
        let end = count + rowCount
        if !isValid { nullCount += rowCount }
        while count < end {
            let bit = count & 63
            let taken = min(64 - bit, end - count)
            if bit == 0 { words.append(0) }
            if isValid { words[count >> 6] |= (.max >> UInt64(64 - taken)) << UInt64(bit) }
            count += taken
        }
    }

    @inlinable
    public subscript(row: Int) -> Bool {
        words[row >> 6] >> UInt64(row & 63) & 1 == 1
    }
}

/// UTF-8 values one after the other; value `i` is `bytes[offsets[i]..<offsets[i + 1]]`, empty
/// where null.
public struct TextColumn: Sendable, Equatable {
    public private(set) var validity = Validity()
    /// One more than there are rows; the first is 0.
    public private(set) var offsets = [0]
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public var count: Int { validity.count }

    public mutating func append(_ value: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: value)
        seal(isValid: true)
    }

    public mutating func append(_ value: String) {
        bytes.append(contentsOf: value.utf8)
        seal(isValid: true)
    }

    public mutating func appendNull() {
        seal(isValid: false)
    }

    /// Makes room for `rowCount` rows of `byteCount` bytes together.
    public mutating func reserveCapacity(rowCount: Int, byteCount: Int) {
        offsets.reserveCapacity(rowCount + 1)
        bytes.reserveCapacity(byteCount)
    }

    /// Appends the same value for `rowCount` rows.
    public mutating func append(_ value: UnsafeBufferPointer<UInt8>, rowCount: Int) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: rowCount * value.count))
        bytes.withUnsafeMutableBytes { room in
            for row in 0..<rowCount {
                UnsafeMutableRawBufferPointer(rebasing: room[(start + row * value.count)...])
                    .copyMemory(from: UnsafeRawBufferPointer(value))
            }
        }
        for row in 0..<rowCount { offsets.append(start + (row + 1) * value.count) }
        validity.append(true, rowCount: rowCount)
    }

    public mutating func appendNulls(rowCount: Int) {
        offsets.append(contentsOf: repeatElement(bytes.count, count: rowCount))
        validity.append(false, rowCount: rowCount)
    }

    /// Lets `write` append one value's bytes in place.
    ///
    /// - Parameter write: returns whether there is a value; false appends null, and what was
    ///   written is taken back.
    public mutating func append(writing write: (inout [UInt8]) -> Bool) {
        let isValid = write(&bytes)
        if !isValid { bytes.removeLast(bytes.count - offsets[offsets.count - 1]) }
        seal(isValid: isValid)
    }

    /// The value's place in `bytes`; empty where null.
    @inlinable
    public func range(of row: Int) -> Range<Int> {
        offsets[row]..<offsets[row + 1]
    }

    /// The value as a string, nil where null. For tests and messages, not for hot paths.
    public func string(at row: Int) -> String? {
        validity[row] ? String(decoding: bytes[range(of: row)], as: UTF8.self) : nil
    }

    private mutating func seal(isValid: Bool) {
        offsets.append(bytes.count)
        validity.append(isValid)
    }
}

/// Fixed-width values; 0 where null. Integers, timestamps (epoch milliseconds), dates (days since
/// 1970-01-01) and decimals (unscaled) are all kept in 64 bits.
public struct NumberColumn: Sendable, Equatable {
    public private(set) var validity = Validity()
    public private(set) var values: [Int64] = []

    public init() {}

    public var count: Int { values.count }

    public mutating func reserveCapacity(rowCount: Int) {
        values.reserveCapacity(rowCount)
    }

    public mutating func append(_ value: Int64) {
        values.append(value)
        validity.append(true)
    }

    public mutating func appendNull() {
        values.append(0)
        validity.append(false)
    }

    public mutating func appendNulls(rowCount: Int) {
        values.append(contentsOf: repeatElement(0, count: rowCount))
        validity.append(false, rowCount: rowCount)
    }
}

/// Booleans; false where null.
public struct BoolColumn: Sendable, Equatable {
    public private(set) var validity = Validity()
    public private(set) var values: [Bool] = []

    public init() {}

    public var count: Int { values.count }

    public mutating func append(_ value: Bool) {
        values.append(value)
        validity.append(true)
    }

    public mutating func appendNull() {
        values.append(false)
        validity.append(false)
    }

    public mutating func appendNulls(rowCount: Int) {
        values.append(contentsOf: repeatElement(false, count: rowCount))
        validity.append(false, rowCount: rowCount)
    }
}

/// Lists of notes: those of row `i` are `offsets[i]..<offsets[i + 1]` of the three inner columns.
public struct NotesColumn: Sendable, Equatable {
    public private(set) var validity = Validity()
    /// One more than there are rows; the first is 0.
    public private(set) var offsets = [0]
    public var message = TextColumn()
    /// Epoch milliseconds, UTC
    public var createdAt = NumberColumn()
    public var agent = TextColumn()

    public init() {}

    public var count: Int { validity.count }

    /// Ends a row: the notes appended to the inner columns since the last call are its list.
    ///
    /// - Precondition: the inner columns are equally long; a null row added no note.
    public mutating func endRow(isValid: Bool) {
        precondition(message.count == createdAt.count && message.count == agent.count)
        precondition(isValid || message.count == offsets[offsets.count - 1])
        offsets.append(message.count)
        validity.append(isValid)
    }

    public mutating func appendNulls(rowCount: Int) {
        offsets.append(contentsOf: repeatElement(message.count, count: rowCount))
        validity.append(false, rowCount: rowCount)
    }
}
