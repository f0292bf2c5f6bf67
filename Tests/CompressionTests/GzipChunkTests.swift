import Foundation
import Testing

@testable import Compression

@Suite struct GzipChunkTests {
    /// Every level makes blocks of other kinds; noise is stored.
    static let samples: [(name: String, bytes: [UInt8])] = [
        ("one byte", [7]), ("text", Array(String(repeating: "cdr,", count: 5_000).utf8)),
        ("mixed", CompressionStreamTests.sample(byteCount: 70_000, seed: 11)),
        ("noise", noise(byteCount: 200_000, seed: 12)),
    ]

    static func noise(byteCount: Int, seed: UInt64) -> [UInt8] {
        var state = seed
        return (0..<byteCount).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    private func failure(_ body: () throws -> Void) -> CompressionError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? CompressionError)?.reason
        }
    }

    @Test(arguments: [1, 6, 9])
    func flippedByteIsFoundBeforeTheChunkIsHandedOut(level: Int) throws {
        let compressor = try GzipChunkCompressor(level: level)
        for (name, bytes) in Self.samples {
            try bytes.withUnsafeBytes { data in
                let good = try compressor.compressed(data)
                _ = try compressor.lastBlock(of: good, holding: data)
                for index in stride(from: 0, to: good.count, by: max(good.count / 500, 1)) {
                    var bad = good
                    bad[index] ^= 0xFF
                    let found = failure { _ = try compressor.lastBlock(of: bad, holding: data) }
                    #expect(found == .codecFailed, "\(name), byte \(index)")
                }
            }
        }
    }

    @Test func chunkOfOtherDataIsRefused() throws {
        let compressor = try GzipChunkCompressor(level: 6)
        try Self.samples[2].bytes.withUnsafeBytes { data in
            let bytes = try compressor.compressed(data)
            let less = UnsafeRawBufferPointer(rebasing: data.dropLast())
            #expect(failure { _ = try compressor.lastBlock(of: bytes, holding: less) } != nil)
            #expect(
                failure {
                    _ = try compressor.lastBlock(of: bytes.dropLast(), holding: data)
                } != nil)
            #expect(
                failure { _ = try compressor.lastBlock(of: bytes + [0], holding: data) } != nil)
        }
    }

    @Test func flippedByteOfAZstdBlockIsFoundBeforeItIsHandedOut() throws {
        let bytes = Self.samples[2].bytes
        let good = try compress(bytes, .zstd())
        for index in stride(from: 0, to: good.count, by: good.count / 200) {
            var bad = good
            bad[index] ^= 0xFF
            let encoder = try ZstdEncoder(level: 1)
            bytes.withUnsafeBytes { data in
                let found = failure { try encoder.prove(bad[...], holds: data, isLast: true) }
                #expect(found == .codecFailed, "byte \(index)")
            }
        }
        try bytes.withUnsafeBytes { data in
            try ZstdEncoder(level: 1).prove(good[...], holds: data, isLast: true)
        }
    }

    @Test func chunksDoNotDependOnWhatCameBefore() throws {
        let used = try GzipChunkCompressor(level: 6)
        for (_, bytes) in Self.samples + Self.samples.reversed() {
            try bytes.withUnsafeBytes { data in
                let fresh = try GzipChunkCompressor(level: 6)
                #expect(try used.chunk(of: data).bytes == fresh.chunk(of: data).bytes)
            }
        }
    }

    /// Data that packs well, badly, and not at all: more than two chunks of each.
    static let kinds = [
        [UInt8](repeating: 65, count: 2_200_000),
        CompressionStreamTests.large + CompressionStreamTests.large,
        noise(byteCount: 2_200_000, seed: 13),
    ]

    /// Sizes around chunk borders, and random ones.
    @Test(arguments: 1...9)
    func whatIsJoinedIsOneMember(level: Int) throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        let chunk = GzipEncoder.blockByteCount
        let random = Self.noise(byteCount: 6, seed: seed).map { Int($0) * 8_600 }
        for (index, size) in ([0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk] + random).enumerated()
        {
            let bytes = Array(Self.kinds[(index + level) % 3][..<size])
            let packed = try compress(bytes, .gzip(level: level))
            // The reader refuses bytes after the first member.
            #expect(try decompress(packed, .gzip()) == bytes, "seed \(seed), size \(size)")
            #expect(packed.count <= bytes.count + bytes.count / 1_000 + 64)
        }
    }

    @Test func foreignReadersFindOneMember() throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("cdrx-gzip-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (index, size) in [0, 1, 1 << 20, 2_500_000].enumerated() {
            let bytes = CompressionStreamTests.sample(byteCount: size, seed: 13)
            let packed = directory.appendingPathComponent("\(index).gz")
            try Data(compress(bytes, .gzip())).write(to: packed)
            try Data(bytes).write(to: directory.appendingPathComponent("\(index)"))
        }
        // gzip, pigz if it is there, and Python's zlib, which says where the first member ends.
        let script = """
            import glob, shutil, subprocess, sys, zlib
            for path in glob.glob(sys.argv[1] + "/*.gz"):
                subprocess.run(["gzip", "-t", path], check=True)
                if shutil.which("pigz"):
                    subprocess.run(["pigz", "-t", path], check=True)
                member = zlib.decompressobj(31)
                data = member.decompress(open(path, "rb").read())
                assert member.eof and not member.unused_data, path
                assert data == open(path[:-3], "rb").read(), path
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, directory.path]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }
}
