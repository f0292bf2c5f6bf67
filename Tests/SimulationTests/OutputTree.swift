import CDigest
import Compression
import FileSystem
import Foundation

/// Manifests and run files as this test reads them: by the names that loaders read.
struct SeenManifest: Decodable {
    struct Window: Decodable {
        var key: String
    }
    struct Account: Decodable {
        var account: String
        var state: String
        var rows: Int
        var rejects: Int
    }
    struct Column: Decodable, Hashable {
        var name: String
    }
    struct File: Decodable, Hashable {
        var path: String
        var rows: Int
        var bytes: Int
        var sha256: String
    }

    var stream: String
    var window: Window
    var complete: Bool
    var accounts: [Account]
    var rows: Int
    var rejects: Int
    var columns: [Column]
    var contentSha256: String
    var files: [File]
    var rejectsFile: String?
}

struct SeenRunFile: Decodable {
    struct Partition: Decodable {
        var directory: String
        var rows: Int
        var contentSha256: String
        var files: [SeenManifest.File]
    }
    var sequence: Int
    var partitions: [Partition]
}

/// A published partition, read from the disk without cdrx.
struct SeenPartition {
    /// Below the output.
    var directory: String
    var manifest: SeenManifest
    /// The rows of all parts, with their ends, without headers.
    var lines: [String]
    var rejectCount: Int
    var hasSuccess: Bool
    var text: RowText
}

/// Why what is published cannot be right.
struct Violation: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// What lies below an output, as a reader who knows nothing of cdrx sees it.
struct OutputTree {
    let disk: any Disk
    let root: String

    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    /// Directories that hold files, below the output, without those that begin with `_`.
    func directories() throws -> [String] {
        var found: [String] = []
        try collect("", into: &found)
        return found
    }

    private func collect(_ path: String, into found: inout [String]) throws {
        var hasFile = false
        guard try disk.status(of: root + path) != nil else { return }
        for name in try disk.names(in: root + path) where !(path.isEmpty && name.hasPrefix("_")) {
            let child = path + "/" + name
            if try disk.status(of: root + child)?.isDirectory == true {
                try collect(child, into: &found)
            } else {
                hasFile = true
            }
        }
        if hasFile { found.append(String(path.dropFirst())) }
    }

    func partition(_ directory: String) throws -> SeenPartition {
        let place = root + "/" + directory
        let manifest: SeenManifest
        do {
            manifest = try Self.decoder.decode(
                SeenManifest.self, from: Data(try contents(place + "/_manifest.json")))
        } catch {
            throw Violation("\(directory): its manifest cannot be read: \(error)")
        }
        var named = Set(manifest.files.map(\.path) + ["_manifest.json"])
        if let rejects = manifest.rejectsFile { named.insert(rejects) }
        if manifest.complete { named.insert("_SUCCESS") }
        let names = try disk.names(in: place)
        guard Set(names) == named else {
            throw Violation("\(directory): holds \(names), the manifest names \(named.sorted())")
        }
        let format = manifest.files.first.flatMap { Self.format(of: $0.path) } ?? .csv
        var seen = SeenPartition(
            directory: directory, manifest: manifest, lines: [], rejectCount: 0,
            hasSuccess: names.contains("_SUCCESS"),
            text: RowText(format: format, columns: manifest.columns.map(\.name)))
        for file in manifest.files { seen.lines += try lines(of: file, in: seen) }
        if let rejects = manifest.rejectsFile {
            seen.rejectCount = try decoded(place + "/" + rejects).split(separator: 10).count
        }
        return seen
    }

    private static func format(of path: String) -> RowText.Format? {
        path.split(separator: ".").dropFirst().first.flatMap { RowText.Format(rawValue: "\($0)") }
    }

    private func lines(of file: SeenManifest.File, in seen: SeenPartition) throws -> [String] {
        let path = root + "/" + seen.directory + "/" + file.path
        let bytes = try contents(path)
        guard bytes.count == file.bytes, Self.sha256(bytes) == file.sha256 else {
            throw Violation("\(path): differs from what the manifest says of it")
        }
        if seen.text.format == .parquet { return [] }
        // Values may hold line breaks: no line of this test's formats begins within a value.
        var text = String(decoding: try decoded(path), as: UTF8.self)
        guard text.hasPrefix(seen.text.header) else { throw Violation("\(path): has no header") }
        text.removeFirst(seen.text.header.count)
        let lines = Self.split(text, isCSV: seen.text.format == .csv)
        guard lines.count == file.rows else {
            throw Violation("\(path): has \(lines.count) rows, the manifest says \(file.rows)")
        }
        return lines
    }

    /// Lines with their ends; in CSV a line break within quotes ends none.
    private static func split(_ text: String, isCSV: Bool) -> [String] {
        var lines: [String] = []
        var line: [UInt8] = []
        var isQuoted = false
        for byte in text.utf8 {
            line.append(byte)
            if byte == UInt8(ascii: "\""), isCSV { isQuoted.toggle() }
            if byte == UInt8(ascii: "\n"), !isQuoted {
                lines.append(String(decoding: line, as: UTF8.self))
                line.removeAll(keepingCapacity: true)
            }
        }
        if !line.isEmpty { lines.append(String(decoding: line, as: UTF8.self)) }
        return lines
    }

    func runFiles() throws -> [SeenRunFile] {
        let place = root + "/_runs"
        guard try disk.status(of: place) != nil else { return [] }
        return try disk.names(in: place).map { name in
            guard name.hasSuffix(".json") else { throw Violation("\(place)/\(name) is left over") }
            return try Self.decoder.decode(
                SeenRunFile.self, from: Data(try contents(place + "/" + name)))
        }
    }

    /// Paths of all files and directories below a directory that lies on the disk; none where it
    /// does not.
    func everything(below path: String) throws -> [String] {
        guard try disk.status(of: path)?.isDirectory == true else { return [] }
        return try disk.names(in: path).flatMap { name in
            [path + "/" + name] + (try everything(below: path + "/" + name))
        }
    }

    func contents(_ path: String) throws -> [UInt8] {
        guard let file = try disk.open(path, .read) else { throw Violation("\(path) is missing") }
        return try file.read(at: 0, byteCount: try file.byteCount())
    }

    private func decoded(_ path: String) throws -> [UInt8] {
        let bytes = try contents(path)
        if path.hasSuffix(".gz") { return try decompress(bytes, .gzip()) }
        if path.hasSuffix(".zst") { return try decompress(bytes, .zstd()) }
        return bytes
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        guard let hash = cdigest_sha256_create() else { return "" }
        defer { cdigest_sha256_free(hash) }
        cdigest_sha256_append(hash, bytes, bytes.count)
        var value = [UInt8](repeating: 0, count: Int(CDIGEST_SHA256_SIZE))
        guard cdigest_sha256_value(hash, &value) == 1 else { return "" }
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
