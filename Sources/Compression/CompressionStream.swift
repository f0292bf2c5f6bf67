/// Compresses bytes as they come; equal bytes give equal output however they were cut into calls.
///
/// One stream makes one gzip member or one zstd frame. Not for use by two threads at once. The
/// input is gathered into blocks before the codec sees it, because a codec may cut its own blocks
/// where a call ended. What a block is compressed to is read back and compared before it is handed
/// out.
public final class CompressionStream {
    private let encoder: any StreamEncoder
    private let blockByteCount: Int
    /// Makes jobs of full blocks; nil where the stream compresses them itself.
    private let deferring: GzipEncoder?
    /// In the order of the data; those before ``takenCount`` were handed out.
    private var jobs: [CompressionJob] = []
    private var takenCount = 0
    private var pending: [UInt8] = []
    private var isFinished = false

    /// - Parameter defersWork: full blocks of a gzip stream wait for whoever runs
    ///   ``takeJobs()``. Other codecs cannot be split.
    /// - Throws: ``CompressionError/Code/levelOutOfRange``, or
    ///   ``CompressionError/Code/codecFailed`` where the codec has no memory.
    public init(_ codec: Codec, defersWork: Bool = false) throws(CompressionError) {
        try codec.checkLevel()
        switch codec {
        case .gzip(let level):
            let gzip = GzipEncoder(level: level)
            encoder = gzip
            deferring = defersWork ? gzip : nil
        case .zstd(let level): (encoder, deferring) = (try ZstdEncoder(level: level), nil)
        case .none: (encoder, deferring) = (CopyingCoder(), nil)
        }
        blockByteCount = type(of: encoder).blockByteCount
    }

    /// Takes `bytes` and appends what is ready to `output`, often nothing.
    ///
    /// - Precondition: not after ``finish(into:)``.
    public func append(
        _ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]
    ) throws(CompressionError) {
        precondition(!isFinished, "a finished stream takes no more bytes")
        var rest = bytes[...]
        while !rest.isEmpty {
            if pending.isEmpty, rest.count >= blockByteCount, deferring == nil {
                let block = UnsafeRawBufferPointer(rebasing: rest.prefix(blockByteCount))
                try encoder.encode(block, isLast: false, to: &output)
                rest = rest.dropFirst(blockByteCount)
                continue
            }
            let taken = rest.prefix(blockByteCount - pending.count)
            // Growing by itself it would take half as much again as the block.
            if pending.count + taken.count > pending.capacity, pending.count >= blockByteCount / 4 {
                pending.reserveCapacity(blockByteCount)
            }
            pending.append(contentsOf: taken)
            rest = rest.dropFirst(taken.count)
            if pending.count == blockByteCount {
                try encodePending(isLast: false, to: &output)
            }
        }
        try joinFinishedJobs(to: &output)
    }

    /// The jobs that were not handed out yet; each must have run, or none be running, by
    /// ``finish(into:)``.
    public func takeJobs() -> [CompressionJob] {
        defer { takenCount = jobs.count }
        return Array(jobs[takenCount...])
    }

    private func joinFinishedJobs(to output: inout [UInt8]) throws(CompressionError) {
        guard let deferring else { return }
        let count = jobs.prefix { $0.result != nil }.count
        for job in jobs[..<count] { try deferring.join(job, to: &output) }
        jobs.removeFirst(count)
        takenCount -= count
    }

    /// The same for an array.
    public func append(_ bytes: [UInt8], to output: inout [UInt8]) throws(CompressionError) {
        // A typed throw does not pass through `withUnsafeBytes`, whose closure rethrows untyped.
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(CompressionError) in try append(buffer, to: &output) }
        }
        try result.get()
    }

    /// Ends the member or frame and appends the rest of it; nothing may follow.
    ///
    /// - Precondition: called once.
    public func finish(into output: inout [UInt8]) throws(CompressionError) {
        precondition(!isFinished, "a stream is finished once")
        isFinished = true
        for job in jobs { try deferring?.join(job, to: &output) }
        jobs = []
        try encodePending(isLast: true, to: &output)
    }

    private func encodePending(
        isLast: Bool, to output: inout [UInt8]
    ) throws(CompressionError) {
        if let deferring, !isLast {
            jobs.append(deferring.job(for: pending))
            pending = []
            return
        }
        let result = pending.withUnsafeBytes { buffer in
            Result { () throws(CompressionError) in
                try encoder.encode(buffer, isLast: isLast, to: &output)
            }
        }
        try result.get()
        pending.removeAll(keepingCapacity: true)
    }
}

/// Compresses `bytes` whole, with the same output as a ``CompressionStream``.
public func compress(_ bytes: [UInt8], _ codec: Codec) throws(CompressionError) -> [UInt8] {
    var output: [UInt8] = []
    let stream = try CompressionStream(codec)
    try stream.append(bytes, to: &output)
    try stream.finish(into: &output)
    return output
}

/// A codec's compressor: called by one ``CompressionStream`` with one block after the other.
protocol StreamEncoder: AnyObject {
    /// Bytes of a block, but for the last one.
    static var blockByteCount: Int { get }
    /// Appends what `block` compresses to; `isLast` ends the data and comes exactly once.
    func encode(
        _ block: UnsafeRawBufferPointer, isLast: Bool, to output: inout [UInt8]
    ) throws(CompressionError)
}
