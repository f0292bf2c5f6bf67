import Archive
import ExportModel
import Extraction

/// The slices of an archived account window, in order, made again from the pages as the provider
/// sent them. For one thread.
final class ArchivedSlices {
    private let extractor: WindowExtractor
    private let window: Window
    private let reader: ArchiveReader?
    /// All that was drained of the window, as one slice; nil once it was handed out.
    private var drained: ExtractedSlice?
    private var resumed = ResumedSlices()
    /// Of a request list: ids that were asked for, and the last that the provider answered for.
    private var reachedID = 0
    private var knownID: Int?

    init(
        _ version: ArchivedVersion, in archive: WindowArchive, _ extractor: WindowExtractor,
        of window: Window
    ) throws(ExportError) {
        self.extractor = extractor
        self.window = window
        if version.isDrained, let range = window.range {
            reader = nil
            drained = try Self.merged(
                archive.versions(of: version.account), in: archive, extractor, range)
        } else {
            reader = try archiving(try archive.makeReader(of: version))
        }
    }

    /// Each record of all versions once, in the form that was read last.
    private static func merged(
        _ versions: [ArchivedVersion], in archive: WindowArchive, _ extractor: WindowExtractor,
        _ range: TimeRange
    ) throws(ExportError) -> ExtractedSlice {
        var bodies: [ArchivedPage] = []
        var own: Set<Int> = []
        for version in versions where version.end?.isRefused == false {
            let reader = try archiving(try archive.makeReader(of: version))
            while let slice = try archiving(try reader.next()) {
                for page in slice.pages {
                    bodies.append(
                        ArchivedPage(number: bodies.count + 1, requestID: nil, body: page.body))
                    if !version.isRouted { own.insert(bodies.count) }
                }
            }
        }
        return try extracting(try extractor.merge(range: range, bodies: bodies, own: own))
    }

    /// The next slice, as it was first verified, and what fell to it of the window's counts; nil
    /// after the last.
    func next() throws(ExportError) -> (slice: ExtractedSlice, counts: ExtractionCounts)? {
        if let slice = drained {
            drained = nil
            return (slice, slice.counts)
        }
        guard let reader,
            let archived = try archiving(try reader.next())
        else { return nil }
        let answered = archived.pages.filter { !$0.isUnknownID }
        let restored = try extracting(
            try extractor.restore(
                range: archived.range,
                bodies: answered, foreign: archived.foreign))
        guard let requests = archived.requests else {
            guard let range = window.range else { return (restored.slice, archived.counts) }
            return (resumed.add(restored, of: range), archived.counts)
        }
        reachedID = requests.upperBound
        knownID = answered.last.map { $0.number - 1 } ?? knownID
        var slice = restored.slice
        slice.unknownRequestIDs = archived.pages.filter(\.isUnknownID).map {
            UnknownRequestID(number: $0.number, id: $0.requestID ?? "")
        }
        return (slice, archived.counts)
    }

    /// Whether slices cannot be made again because of what the archive holds; they can be asked for
    /// again.
    static func isUnreadable(_ error: ExportError) -> Bool {
        error.code == ExtractionError.unreadablePage || error.code == ArchiveError.damagedCode
    }

    /// The walk of what is not archived yet, once all slices have been read.
    ///
    /// - Parameter ids: the window's request list; nil at endpoints with windows.
    func walkOfTheRest(ids: [String]?) -> AccountWalk {
        if let range = window.range, ids == nil { return extractor.walk(range, resumed: resumed) }
        return extractor.walk(ids: ids ?? [], from: reachedID, known: knownID)
    }
}

extension ArchivedSlice {
    /// A verified slice as the archive keeps it: an id that the provider does not know is a page
    /// without a body.
    init(_ slice: ExtractedSlice, isRequestList: Bool) {
        let unknown = slice.unknownRequestIDs.map {
            ArchivedPage(number: $0.number, requestID: $0.id, body: [])
        }
        var pages = slice.pages.map {
            ArchivedPage(number: $0.number, requestID: $0.requestID, body: $0.receivedBody)
        }
        if !unknown.isEmpty { pages = (pages + unknown).sorted { $0.number < $1.number } }
        let numbers = pages.map(\.number)
        self.init(
            range: slice.range,
            requests: isRequestList ? (numbers.min() ?? 1) - 1..<(numbers.max() ?? 0) : nil,
            counts: slice.counts, pages: pages, foreign: slice.foreign)
    }
}

extension ArchivedPage {
    /// Whether it stands for a request id that the provider does not know.
    fileprivate var isUnknownID: Bool { requestID != nil && body.isEmpty }
}
