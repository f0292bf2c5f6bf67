/// Short texts in one piece of memory, so that a look-up touches no other object.
struct ByteTable: Sendable {
    private let bytes: [UInt8]
    /// Where each text starts, and the end of the last one.
    private let starts: [Int]

    init(_ texts: [String]) {
        var bytes: [UInt8] = []
        var starts = [0]
        for text in texts {
            bytes += Array(text.utf8)
            starts.append(bytes.count)
        }
        self.bytes = bytes
        self.starts = starts
    }

    var isEmpty: Bool { starts.count == 1 }

    /// Index of the text with these bytes.
    func firstIndex(of text: UnsafeBufferPointer<UInt8>) -> Int? {
        starts.withUnsafeBufferPointer { starts in
            bytes.withUnsafeBufferPointer { bytes in
                for index in 0..<starts.count - 1
                where starts[index + 1] - starts[index] == text.count {
                    let candidate = bytes[starts[index]..<starts[index + 1]]
                    if candidate.elementsEqual(text) { return index }
                }
                return nil
            }
        }
    }

    subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[starts[index]..<starts[index + 1]]
    }
}
