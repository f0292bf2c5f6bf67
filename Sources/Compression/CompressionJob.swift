import BoundedDispatch

/// A block of a gzip stream's data that any thread may compress, before the stream needs it.
///
/// ``CompressionStream/takeJobs()`` hands jobs out; the stream joins what they make in the order of
/// the data, so its bytes do not depend on when and where they run.
public final class CompressionJob: Sendable {
    private enum State {
        case waiting([UInt8])
        case running
        case done(Result<GzipChunk, CompressionError>)
    }

    private let level: Int
    private let state: Guarded<State>

    init(_ data: [UInt8], level: Int) {
        self.level = level
        state = Guarded(.waiting(data))
    }

    /// Compresses the block and reads it back, unless that was done. The stream reports a failure.
    public func run(with tools: inout CompressionTools) {
        let data: [UInt8]? = state.withLock { state in
            guard case .waiting(let data) = state else { return nil }
            state = .running
            return data
        }
        guard let data else { return }
        let result = data.withUnsafeBytes { bytes in
            Result { () throws(CompressionError) in
                try tools.compressor(level: level).chunk(of: bytes)
            }
        }
        state.withLock { $0 = .done(result) }
    }

    /// What the block became; nil before it was compressed.
    var result: Result<GzipChunk, CompressionError>? {
        state.withLock { state in
            if case .done(let result) = state { return result }
            return nil
        }
    }
}

/// The compressors of one thread, made when they are first needed.
public struct CompressionTools {
    private var compressors: [Int: GzipChunkCompressor] = [:]

    public init() {}

    mutating func compressor(level: Int) throws(CompressionError) -> GzipChunkCompressor {
        if let known = compressors[level] { return known }
        let compressor = try GzipChunkCompressor(level: level)
        compressors[level] = compressor
        return compressor
    }
}
