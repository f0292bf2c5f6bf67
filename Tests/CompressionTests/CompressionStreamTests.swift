import Foundation
import Testing

import Compression

@Suite struct CompressionStreamTests {
    static let codecs: [Codec] = [
        .gzip(), .gzip(level: 1), .gzip(level: 9), .zstd(), .zstd(level: 1),
        .zstd(level: 19),
        .none,
    ]

    /// Text that compresses, behind noise that does not.
    static func sample(byteCount: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<byteCount).map { index in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return index % 3 == 0 ? UInt8(truncatingIfNeeded: state >> 56) : UInt8(index / 64 % 251)
        }
    }

    /// More than one block of every codec.
    static let large = sample(byteCount: 1_100_000, seed: 1)
    private static let largest = sample(byteCount: 3_300_000, seed: 2)

    @Test(arguments: codecs)
    func whatWasCompressedReadsBack(codec: Codec) throws {
        for byteCount in [0, 1, 1_000, 131_071, 131_072, 131_073, 1_048_576, Self.large.count] {
            let bytes = Array(Self.large[..<byteCount])
            #expect(try decompress(compress(bytes, codec), codec) == bytes)
        }
    }

    @Test(arguments: codecs)
    func outputDoesNotDependOnHowTheInputIsCut(codec: Codec) throws {
        let bytes = Self.large
        let whole = try compress(bytes, codec)
        for pieceByteCount in [97, 4_096, 131_071, 1_048_576, 1_048_577] {
            let stream = try CompressionStream(codec)
            var output: [UInt8] = []
            for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
                let piece = bytes[start..<min(start + pieceByteCount, bytes.count)]
                try stream.append(Array(piece), to: &output)
            }
            try stream.finish(into: &output)
            #expect(output == whole, "in pieces of \(pieceByteCount)")
        }
    }

    /// Whoever runs the jobs, and in whatever order: the stream itself, another thread from the last
    /// to the first, or some here and some there.
    @Test(arguments: codecs)
    func outputDoesNotDependOnWhoRunsTheJobs(codec: Codec) throws {
        let whole = try compress(Self.largest, codec)
        for run in ["none", "all", "some"] {
            #expect(try Self.compressed(codec, running: run) == whole, "\(run)")
        }
    }

    private static func compressed(_ codec: Codec, running run: String) throws -> [UInt8] {
        let bytes = largest
        let stream = try CompressionStream(codec, defersWork: true)
        var output: [UInt8] = []
        var jobs: [CompressionJob] = []
        var tools = CompressionTools()
        for start in stride(from: 0, to: bytes.count, by: 700_001) {
            try stream.append(
                Array(bytes[start..<min(start + 700_001, bytes.count)]), to: &output)
            jobs += stream.takeJobs()
            if run == "some", jobs.count == 2 { jobs[1].run(with: &tools) }
        }
        if case .gzip = codec { #expect(jobs.count == 3) } else { #expect(jobs.isEmpty) }
        if run == "all" { for job in jobs.reversed() { job.run(with: &tools) } }
        try stream.finish(into: &output)
        return output
    }

    /// What is done goes to the file; nothing waits for the end of the stream.
    @Test func finishedJobsAreJoinedWithTheNextBytes() throws {
        let stream = try CompressionStream(.gzip(), defersWork: true)
        var output: [UInt8] = []
        var tools = CompressionTools()
        try stream.append(Self.large, to: &output)
        #expect(output.isEmpty)
        for job in stream.takeJobs() { job.run(with: &tools) }
        try stream.append([1], to: &output)
        #expect(output.count > 100_000)
        #expect(stream.takeJobs().isEmpty)
    }

    /// The check value of the catalogue of CRC algorithms.
    @Test func checksumIsTheOneOfGzip() {
        #expect(Array("123456789".utf8).withUnsafeBytes { crc32($0) } == 0xCBF4_3926)
    }

    @Test func gzipHeaderNamesNoTimeNoFileAndNoSystem() throws {
        let bytes = try compress(Array("a".utf8), .gzip())
        // RFC 1952: magic, deflate, no flags, mtime 0, extra flags, OS 255 (unknown).
        #expect(Array(bytes[..<10]) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
    }

    @Test(arguments: [Codec.gzip(level: 10), .gzip(level: 0), .zstd(level: 0), .zstd(level: 23)])
    func levelOutOfRangeIsRefused(codec: Codec) {
        #expect {
            _ = try CompressionStream(codec)
        } throws: { ($0 as? CompressionError)?.reason == .levelOutOfRange }
    }

    @Test(arguments: [
        (Codec.gzip(), "/bin/zcat", "gz"), (.gzip(level: 1), "/bin/zcat", "gz"),
    ])
    func foreignReaderUnpacksGzip(codec: Codec, tool: String, suffix: String) throws {
        let bytes = Self.sample(byteCount: 400_000, seed: 3)
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("cdrx-compression-\(UUID()).\(suffix)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(compress(bytes, codec)).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = [file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try #require(try pipe.fileHandleForReading.readToEnd())
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect([UInt8](output) == bytes)
    }
}
