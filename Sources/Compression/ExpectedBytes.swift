#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Compares data that comes in pieces with what it must be.
struct ExpectedBytes {
    private var rest: UnsafeRawBufferPointer
    private var isEqual = true

    /// - Parameter bytes: must outlive this value.
    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    /// Whether all bytes came, and no other.
    var isComplete: Bool { isEqual && rest.isEmpty }

    /// False where the piece, or one before it, is not what it must be.
    mutating func take(_ piece: UnsafeRawBufferPointer) -> Bool {
        guard isEqual, let found = piece.baseAddress, let expected = rest.baseAddress else {
            isEqual = isEqual && piece.isEmpty
            return isEqual
        }
        isEqual = piece.count <= rest.count && memcmp(found, expected, piece.count) == 0
        if isEqual { rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...]) }
        return isEqual
    }
}
