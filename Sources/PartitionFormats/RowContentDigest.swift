public import ExportModel

/// SHA-256 over rows as canonical bytes, whatever format they are written in.
///
/// A row is its columns' values in order. A null is the byte 0. Every other value is the byte 1 and
/// then: text and JSON, their length (4 bytes) and their UTF-8; integers, unscaled decimals, epoch
/// milliseconds and days since 1970-01-01, 8 bytes in two's complement; booleans, one byte; notes, their number (4
/// bytes), then message, created_at and agent of each as values of their own. Numbers are
/// little-endian. Rows follow each other without a mark, so batches and parts leave no trace.
public struct RowContentDigest {
    private static let blockRowCount = 1_024

    private var digest = ContentDigest()
    /// Canonical bytes of a block of rows, and where each row ends.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    public init() {}

    /// 64 lower-case hexadecimal digits over all rows so far.
    public var hexadecimal: String { digest.hexadecimal }

    /// Takes the next rows.
    ///
    /// - Returns: a hash of each row's canonical bytes, to compare versions of a record.
    public mutating func append(_ batch: RecordBatch) -> [UInt64] {
        var hashes: [UInt64] = []
        hashes.reserveCapacity(batch.rowCount)
        var start = 0
        while start < batch.rowCount {
            let rows = start..<min(start + Self.blockRowCount, batch.rowCount)
            let byteCount = layOut(batch, rows)
            write(batch, rows)
            bytes.withUnsafeBytes { all in
                digest.append(UnsafeRawBufferPointer(rebasing: all[..<byteCount]))
                var begin = 0
                for end in ends {
                    let row = UnsafeRawBufferPointer(rebasing: all[begin..<end])
                    hashes.append(ByteHash.hash(row))
                    begin = end
                }
            }
            start = rows.upperBound
        }
        return hashes
    }

    /// Makes room for the rows and turns ``ends`` into the place where each begins.
    private mutating func layOut(_ batch: RecordBatch, _ rows: Range<Int>) -> Int {
        ends.removeAll(keepingCapacity: true)
        ends.append(contentsOf: repeatElement(0, count: rows.count))
        var total = 0
        ends.withUnsafeMutableBufferPointer { sizes in
            for column in batch.columns { column.addCanonicalSizes(of: rows, to: sizes) }
            for index in sizes.indices {
                let size = sizes[index]
                sizes[index] = total
                total += size
            }
        }
        if bytes.count < total {
            bytes.append(contentsOf: repeatElement(0, count: total - bytes.count))
        }
        return total
    }

    /// Writes the rows column by column; ``ends`` moves from each row's begin to its end.
    private mutating func write(_ batch: RecordBatch, _ rows: Range<Int>) {
        bytes.withUnsafeMutableBytes { room in
            ends.withUnsafeMutableBufferPointer { places in
                for column in batch.columns {
                    column.writeCanonical(rows, to: room, at: places)
                }
            }
        }
    }
}

extension ColumnValues {
    /// Adds to each row's size the bytes of this column's value.
    fileprivate func addCanonicalSizes(
        of rows: Range<Int>, to sizes: UnsafeMutableBufferPointer<Int>
    ) {
        switch self {
        case .text(let column), .json(let column):
            column.offsets.withUnsafeBufferPointer { offsets in
                column.validity.forEach(rows) { row, isValid in
                    sizes[row - rows.lowerBound] +=
                        1 + (isValid ? 4 : 0) + offsets[row + 1] - offsets[row]
                }
            }
        case .int, .decimal, .timestamp, .date:
            validity.forEach(rows) { row, isValid in
                sizes[row - rows.lowerBound] += isValid ? 9 : 1
            }
        case .bool:
            validity.forEach(rows) { row, isValid in
                sizes[row - rows.lowerBound] += isValid ? 2 : 1
            }
        case .notes(let column):
            column.validity.forEach(rows) { row, isValid in
                sizes[row - rows.lowerBound] += isValid ? 5 + column.canonicalByteCount(row) : 1
            }
        }
    }

    /// Writes the value of each row at its place, and moves the place to its end.
    fileprivate func writeCanonical(
        _ rows: Range<Int>, to room: UnsafeMutableRawBufferPointer,
        at places: UnsafeMutableBufferPointer<Int>
    ) {
        switch self {
        case .text(let column), .json(let column):
            column.bytes.withUnsafeBytes { bytes in
                column.validity.forEach(rows) { row, isValid in
                    let value = isValid ? column.range(of: row) : nil
                    room.putText(value, of: bytes, at: &places[row - rows.lowerBound])
                }
            }
        case .int(let column), .decimal(let column), .timestamp(let column), .date(let column):
            column.values.withUnsafeBufferPointer { values in
                column.validity.forEach(rows) { row, isValid in
                    room.putNumber(
                        isValid ? values[row] : nil, at: &places[row - rows.lowerBound])
                }
            }
        case .bool(let column):
            column.validity.forEach(rows) { row, isValid in
                let place = row - rows.lowerBound
                room[places[place]] = isValid ? 1 : 0
                if isValid { room[places[place] + 1] = column.values[row] ? 1 : 0 }
                places[place] += isValid ? 2 : 1
            }
        case .notes(let column):
            column.validity.forEach(rows) { row, isValid in
                column.writeCanonical(
                    isValid ? row : nil, to: room, at: &places[row - rows.lowerBound])
            }
        }
    }
}

extension Validity {
    /// Calls `body` for each row with whether it holds a value.
    @inline(__always)
    fileprivate func forEach(_ rows: Range<Int>, _ body: (_ row: Int, _ isValid: Bool) -> Void) {
        if nullCount == 0 || nullCount == count {
            let isValid = nullCount == 0
            for row in rows { body(row, isValid) }
        } else {
            words.withUnsafeBufferPointer { words in
                for row in rows { body(row, words[row >> 6] >> UInt64(row & 63) & 1 == 1) }
            }
        }
    }
}

extension NotesColumn {
    /// Bytes of a row's notes after their number.
    fileprivate func canonicalByteCount(_ row: Int) -> Int {
        let notes = offsets[row]..<offsets[row + 1]
        return notes.reduce(0) { sum, note in
            sum + 3 + (message.validity[note] ? 4 + message.range(of: note).count : 0)
                + (createdAt.validity[note] ? 8 : 0)
                + (agent.validity[note] ? 4 + agent.range(of: note).count : 0)
        }
    }

    /// - Parameter row: nil for null.
    fileprivate func writeCanonical(
        _ row: Int?, to room: UnsafeMutableRawBufferPointer, at place: inout Int
    ) {
        room[place] = row == nil ? 0 : 1
        place += 1
        guard let row else { return }
        let notes = offsets[row]..<offsets[row + 1]
        room.storeBytes(
            of: UInt32(notes.count).littleEndian, toByteOffset: place, as: UInt32.self)
        place += 4
        for note in notes {
            message.bytes.withUnsafeBytes { bytes in
                let value = message.validity[note] ? message.range(of: note) : nil
                room.putText(value, of: bytes, at: &place)
            }
            room.putNumber(createdAt.validity[note] ? createdAt.values[note] : nil, at: &place)
            agent.bytes.withUnsafeBytes { bytes in
                let value = agent.validity[note] ? agent.range(of: note) : nil
                room.putText(value, of: bytes, at: &place)
            }
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// - Parameter value: its range in `bytes`; nil for null.
    @inline(__always)
    fileprivate func putText(
        _ value: Range<Int>?, of bytes: UnsafeRawBufferPointer, at place: inout Int
    ) {
        self[place] = value == nil ? 0 : 1
        place += 1
        guard let value else { return }
        storeBytes(of: UInt32(value.count).littleEndian, toByteOffset: place, as: UInt32.self)
        place += 4
        UnsafeMutableRawBufferPointer(rebasing: self[place...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[value]))
        place += value.count
    }

    /// - Parameter value: nil for null.
    @inline(__always)
    fileprivate func putNumber(_ value: Int64?, at place: inout Int) {
        self[place] = value == nil ? 0 : 1
        place += 1
        guard let value else { return }
        storeBytes(of: value.littleEndian, toByteOffset: place, as: Int64.self)
        place += 8
    }
}
