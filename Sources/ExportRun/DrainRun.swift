import Archive
import ExportModel
import Extraction
import Planning
import RunLedger

/// One account window of a drain (Commo `syncflag: 1`), whose records the provider hands out only
/// once.
///
/// 1. Every answer is archived and durable before the next request.
/// 2. If an answer may have been lost, the records marked as read are listed and archived too.
/// 3. Each answer is copied to the archive of every other window that one of its records lies in.
///
/// 4. Those of these windows that stand published are published anew.
///
/// A window's partition is made of all that was ever archived of it. A kill at any moment repeats
/// steps at most: a record that is archived twice is one row.
struct DrainRun {
    let account: AccountRun
    /// The window's bounds.
    let range: TimeRange

    private var shared: RunShared { account.shared }
    private var name: String { account.planned.account }
    private var stream: Stream { account.stream }

    /// Says that records may be marked as read from now on.
    private static let beginning = ArchivedSlice(
        range: nil, requests: nil, counts: ExtractionCounts(), pages: [], foreign: [])

    /// Drains the window.
    ///
    /// - Returns: what the archive has of it now.
    func drain() throws(ExportError) -> ArchivedVersion {
        let archive = try account.partition.archive()
        // What a damaged archive lost is marked as read, and nowhere else.
        let isDamaged = !archive.notices.isEmpty
        var mayHaveLost = try isNeighborOpen() || isDamaged
        var open = openDrain(in: archive)
        if let found = open {
            mayHaveLost = true
            if try !isReadable(found, in: archive) { open = nil }
        }
        let versionID = open?.id ?? shared.makeVersionID()
        if open == nil {
            archive.begin(name, id: versionID, fingerprint: ArchivedVersion.drain(of: stream))
            // A version without slices is not written, and the provider may mark records with the
            // first request.
            try archiving(try archive.append(Self.beginning, to: versionID))
            try commit(archive)
        }
        shared.environment.onReaching(.drainBegun)
        var requestCount = 0
        let drained = try walking(stream) { (extractor) throws(WalkError<ExportError>) in
            try extractor.drain(range) { (page) throws(ExportError) in
                shared.environment.onReaching(.drainAnswered)
                try append([page], to: versionID, in: archive)
                shared.environment.onReaching(.drainArchived)
            }
        }
        requestCount += drained.requestCount
        if mayHaveLost || drained.mayHaveLost {
            requestCount += try recover(into: versionID, in: archive)
        }
        try route(versionID, in: archive)
        let end = ArchivedEnd(
            requestCount: requestCount, extractedAt: shared.environment.clock.now(),
            requestListSHA256: nil, mismatch: nil, isRefused: false)
        try archiving(try archive.end(versionID, end))
        try commit(archive)
        shared.environment.onReaching(.drainEnded)
        guard let version = archive.versions(of: name).last(where: { $0.id == versionID }) else {
            preconditionFailure("a version that was ended is there")
        }
        return version
    }

    /// A drain that has not come to its end; a copy that a kill cut is none, and is made again.
    private func openDrain(in archive: WindowArchive) -> ArchivedVersion? {
        archive.open(of: name).flatMap { $0.isRouted ? nil : $0 }
    }

    private func isReadable(
        _ version: ArchivedVersion, in archive: WindowArchive
    ) throws(ExportError) -> Bool {
        do throws(ArchiveError) {
            let reader = try archive.makeReader(of: version)
            while try reader.next() != nil {}
            return true
        } catch {
            if error.code == ArchiveError.damagedCode { return false }
            throw ExportError(.storage, error)
        }
    }

    /// Lists what is marked as read, a second further than the drain reached.
    private func recover(
        into versionID: String, in archive: WindowArchive
    ) throws(ExportError) -> Int {
        guard let listing = stream.listingDrained else {
            throw ExportError(
                .configuration, code: .unrecoverableDrain,
                message: """
                    an answer of the drain may have been lost, and the entry of \
                    \(stream.endpoint.id) names no value that lists the records already \
                    read; add `drained` to its parameter
                    """)
        }
        account.report(
            .drainListed,
            "a response may have been lost, so the records that are marked as read are listed")
        let wide = TimeRange(
            start: range.start.advanced(milliseconds: -1_000),
            end: range.end.advanced(milliseconds: 1_000))
        return try walking(listing) { (extractor) throws(WalkError<ExportError>) in
            try extractor.extract(wide) { (event) throws(ExportError) in
                guard case .slice(let slice) = event else { return }
                try append(slice.pages, to: versionID, in: archive)
            }
        }
    }

    private func append(
        _ pages: [RawPage], to versionID: String, in archive: WindowArchive
    ) throws(ExportError) {
        try append(
            pages.map { ArchivedPage(number: $0.number, requestID: nil, body: $0.receivedBody) },
            to: versionID, in: archive)
    }

    private func append(
        _ pages: [ArchivedPage], to versionID: String, in archive: WindowArchive
    ) throws(ExportError) {
        if pages.isEmpty { return }
        let slice = ArchivedSlice(
            range: nil, requests: nil, counts: ExtractionCounts(), pages: pages, foreign: [])
        try archiving(try archive.append(slice, to: versionID))
        try commit(archive)
    }

    private func commit(_ archive: WindowArchive) throws(ExportError) {
        try archiving(try archive.commit())
    }

    // MARK: - Records of other windows

    /// Whether the drain of a window beside this one has not come to its end: records of this one
    /// may have been handed out to it, and lost.
    private func isNeighborOpen() throws(ExportError) -> Bool {
        let cutter = try makeCutter()
        for moment in [range.start.advanced(milliseconds: -1), range.end] {
            guard let window = try window(at: moment, cutter) else { continue }
            let archive = try archiving(
                try shared.archive.window(stream: stream.name, key: "\(window.key)"))
            if archive.open(of: name) != nil { return true }
        }
        return false
    }

    private func makeCutter() throws(ExportError) -> WindowCutter {
        try cutting(
            try WindowCutter(timeZoneIdentifier: account.planned.window.timeZoneIdentifier))
    }

    /// Copies answers to the archives of the other windows that their records lie in.
    private func route(_ versionID: String, in archive: WindowArchive) throws(ExportError) {
        guard let open = archive.open(of: name) else { return }
        let cutter = try makeCutter()
        var routed: [WindowKey: (window: Window, pages: [ArchivedPage])] = [:]
        let reader = try archiving(try archive.makeReader(of: open))
        while let slice = try archiving(try reader.next()) {
            for page in slice.pages {
                for other in try windows(of: page, cutter) {
                    routed[other.key, default: (other, [])].pages.append(page)
                }
            }
        }
        let order = routed.values.sorted { left, right in
            (left.window.range?.start ?? range.start) < (right.window.range?.start ?? range.start)
        }
        for (window, pages) in order {
            try copy(pages, of: versionID, to: window)
            shared.environment.onReaching(.drainRouted)
            try merge(window)
        }
    }

    /// Publishes a window anew that got records, if it stands published.
    private func merge(_ window: Window) throws(ExportError) {
        var planned = account.planned
        planned.window = window
        let run = AccountRun(
            planned, index: account.index, in: PartitionRun([planned], shared: shared))
        let record = try storing(try shared.ledger.window(run.entry.identity))
        guard record?.publishedVersionID != nil,
            let version = try run.partition.archive().latest(of: name)
        else { return }
        let merged = run.partition.publishNow(AccountEnd(run, version: version))
        if let failure = merged.failure {
            throw ExportError(failure.kind, code: failure.code, message: failure.message)
        }
        shared.environment.onReaching(.drainMerged)
        guard merged.status == .published else { return }
        run.report(.drainMerged, "records of a drain were merged in")
    }

    /// The other windows that records of a page lie in.
    private func windows(
        of page: ArchivedPage, _ cutter: WindowCutter
    ) throws(ExportError) -> Set<Window> {
        let moments = try extracting(
            try account.extractor.moments(in: page))
        var found: Set<Window> = []
        for moment in moments where !range.contains(moment) {
            if let window = try window(at: moment, cutter) { found.insert(window) }
        }
        return found
    }

    /// The window of the stream's grid that holds a moment.
    private func window(
        at moment: Timestamp, _ cutter: WindowCutter
    ) throws(ExportError) -> Window? {
        // No window is longer than a month.
        let search = TimeRange(
            start: moment.advanced(milliseconds: -32 * 86_400_000),
            end: moment.advanced(milliseconds: 1))
        let windows = try cutting(
            try cutter.windows(every: stream.windows.every, startingIn: search))
        return windows.last { $0.range?.contains(moment) ?? false }
    }

    /// The copy has an id of its own, so that a second try replaces what a kill left of the first.
    /// Its number of pages is part of it: a drain that goes on after a kill may have read more.
    private func copy(
        _ pages: [ArchivedPage], of versionID: String, to window: Window
    ) throws(ExportError) {
        let archive = try archiving(
            try shared.archive.window(stream: stream.name, key: "\(window.key)"))
        // A copy would take the place of what was drained there. When that window is drained to
        // its end, it lists the records that are marked as read, these among them.
        // Durable, or it would not know that it began.
        if openDrain(in: archive) != nil { return try archiving(try archive.commit()) }
        let id = "\(versionID).\(pages.count)\(ArchivedVersion.routedMark)"
        if archive.versions(of: name).contains(where: { $0.id == id && $0.end != nil }) { return }
        archive.begin(name, id: id, fingerprint: ArchivedVersion.drain(of: stream))
        let slice = ArchivedSlice(
            range: nil, requests: nil, counts: ExtractionCounts(), pages: pages, foreign: [])
        let end = ArchivedEnd(
            requestCount: 0, extractedAt: shared.environment.clock.now(), requestListSHA256: nil,
            mismatch: nil, isRefused: false)
        try archiving(try archive.append(slice, to: id))
        try archiving(try archive.end(id, end))
        try archiving(try archive.commit())
    }

    private func walking<Value>(
        _ stream: Stream, _ body: (WindowExtractor) throws(WalkError<ExportError>) -> Value
    ) throws(ExportError) -> Value {
        do {
            return try body(
                WindowExtractor(
                    stream: stream, session: account.session,
                    transport: shared.environment.transport,
                    environment: shared.environment.clock, observer: account.observer))
        } catch {
            switch error {
            case .consumer(let error): throw error
            case .extraction(let error): throw ExportError(error.kind, error)
            }
        }
    }

    private func cutting<Value>(
        _ body: @autoclosure () throws(PlanningError) -> Value
    ) throws(ExportError) -> Value {
        do {
            return try body()
        } catch {
            throw ExportError(.configuration, error)
        }
    }
}

extension ArchivedVersion {
    /// Ends the id of a version that a drain of another window brought.
    static let routedMark = "+"

    /// The fingerprint of what a drain reads: columns and format stay out of it.
    static func drain(of stream: Stream) -> String { "drain of \(stream.endpoint.id)" }

    /// Whether it is one of those whose records cannot be asked for again.
    var isDrained: Bool { fingerprint.hasPrefix("drain of ") }

    /// Whether its pages were read for another window.
    var isRouted: Bool { id.hasSuffix(Self.routedMark) }
}
