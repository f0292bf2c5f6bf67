import Compression
import FileSystem

/// What is found in a window's segments.
struct OpenedWindow {
    private(set) var table = VersionTable()
    /// By number; without those that a compaction replaced.
    private(set) var segments: [Int: Segment] = [:]
    /// Segments with damage.
    private(set) var damaged: Set<Int> = []
    private(set) var findings: [ArchiveFinding] = []
    private(set) var notices: [String] = []
    private(set) var nextNumber = 1

    init(
        _ name: WindowName, _ directory: SegmentDirectory, _ coder: BlockCoder
    ) throws(ArchiveError) {
        let numbers = try directory.names(of: name).compactMap(name.number(ofFile:)).sorted()
        nextNumber = (numbers.last ?? 0) + 1
        var scans: [(segment: Segment, scan: SegmentScan)] = []
        // The newest first: what it replaces need not be read.
        for number in numbers.reversed() {
            let fileName = name.fileName(number: number)
            guard let file = try directory.open(fileName) else { continue }
            let header = SegmentHeader(window: name, number: number)
            let scan = try SegmentScan(file, expected: header, coder)
            let path = directory.path + "/" + fileName
            let segment = Segment(path: path, header: scan.header ?? header, file: file)
            scans.append((segment, scan))
            if scan.header?.replacesEarlier == true { break }
        }
        for (segment, scan) in scans.reversed() { add(segment, scan) }
        table.finishReading()
        noteLostVersions()
    }

    private mutating func add(_ segment: Segment, _ scan: SegmentScan) {
        segments[segment.number] = segment
        for (place, index) in scan.blocks { table.add(index, at: place) }
        for flaw in scan.flaws {
            damaged.insert(segment.number)
            findings.append(
                ArchiveFinding(
                    path: segment.path, offset: flaw.range.lowerBound,
                    message: "\(flaw.range.count) bytes cannot be used: \(flaw.reason)"))
        }
        if scan.validEnd < scan.byteCount {
            notices.append(
                "\(segment.path): the last \(scan.byteCount - scan.validEnd) bytes are of a write "
                    + "that was interrupted; they are left out")
        }
    }

    private mutating func noteLostVersions() {
        let lost = table.versions.values.filter(\.isDamaged).map(\.mention)
        if !lost.isEmpty { findings.append(ArchiveFinding(lost: lost.sorted { $0.id < $1.id })) }
        notices = findings.map(\.description) + notices
    }
}
