import ExportModel
import Extraction
import Logging
import Planning
import Publication
import RunLedger

/// One window of a drain (Commo `syncflag: 1`), whose records the provider hands out only once.
///
/// 1. Every answer goes into the inbox journal, on disk, before the next request.
/// 2. If an answer may have been lost, the records marked as read are listed and added.
/// 3. Each answer is copied to the archive of every window that one of its records lies in.
/// 4. This window, and every complete one that got records, is built anew from its archive and
///    published; then the inbox is removed.
///
/// A kill at any moment repeats steps at most: archives and partitions take a record twice without
/// changing. Archives stay for good, because nobody can ask for their records again.
struct DrainRun {
    /// What all windows of the run share.
    let shared: WindowRun.Shared
    /// Of the drain's stream and account.
    let recorder: WindowRecorder
    /// Sends the requests.
    let session: AccountSession
    /// The window that is drained.
    let window: Window
    /// The window's bounds.
    let range: TimeRange

    /// Drains the window and publishes every partition that got records.
    func export() throws(ExportError) -> WindowResult {
        let inbox = try openJournal("drain-inbox", of: window)
        let requestCount = try fill(inbox)
        let pages = try pages(of: inbox)
        let parts = try route(pages)
        for (part, own) in parts {
            try archive(own, of: part)
            reach(.drainArchived)
        }
        for (part, _) in parts where part.key != window.key {
            guard try recorder.standing(part) != nil else { continue }
            let merged = try publish(part, requestCount: 0)
            reach(.drainMerged)
            guard merged.status == .published else { continue }
            shared.environment.logger.notice(
                "\(recorder.entry(of: part).identity): records of a drain were merged in")
        }
        let result = try publish(window, requestCount: requestCount)
        reach(.drainPublished)
        try storing { () throws(LedgerError) in try inbox.remove() }
        return result
    }

    // MARK: - 1 and 2: the inbox

    /// Marks in the inbox: `0..<0` a drain began, `0..<1` it came to its end.
    private static let begun = 0..<0
    private static let ended = 0..<1

    /// - Returns: requests sent.
    private func fill(_ inbox: PageJournal) throws(ExportError) -> Int {
        let marks = try slices(of: inbox).map(\.requests)
        if marks.last == Self.ended { return 0 }
        var wasCut = !marks.isEmpty
        // What a damaged inbox held is marked as read, and nowhere else.
        if case .setAside = inbox.origin { wasCut = true }
        if marks.isEmpty { try append(nil, mark: Self.begun, to: inbox) }
        reach(.drainBegun)
        let drained = try walking { (extractor) throws(WalkError<ExportError>) in
            try extractor.drain(range) { (page) throws(ExportError) in
                reach(.drainAnswered)
                try append(page, mark: nil, to: inbox)
                reach(.drainJournaled)
            }
        }
        var requestCount = drained.requestCount
        if wasCut || drained.mayHaveLost { requestCount += try recover(into: inbox) }
        try append(nil, mark: Self.ended, to: inbox)
        reach(.drainEnded)
        return requestCount
    }

    /// Lists what is marked as read, a second further than the drain reached.
    private func recover(into inbox: PageJournal) throws(ExportError) -> Int {
        guard let listing = recorder.stream.listingDrained else {
            throw ExportError(
                .configuration, code: "unrecoverable_drain",
                message: """
                    an answer of the drain may have been lost, and the entry of \
                    \(recorder.stream.endpoint.id) names no value that lists the records already \
                    read; add `drained` to its parameter
                    """)
        }
        shared.environment.logger.notice(
            """
            \(recorder.entry(of: window).identity): an answer may have been lost, so the records \
            already read are listed
            """)
        let wide = TimeRange(
            start: range.start.advanced(milliseconds: -1_000),
            end: range.end.advanced(milliseconds: 1_000))
        return try walking(listing) { (extractor) throws(WalkError<ExportError>) in
            try extractor.extract(wide) { (event) throws(ExportError) in
                guard case .slice(let slice) = event else { return }
                for page in slice.pages { try append(page, mark: nil, to: inbox) }
            }
        }
    }

    private func append(
        _ page: RawPage?, mark: Range<Int>?, to inbox: PageJournal
    ) throws(ExportError) {
        let pages = page.map { [JournaledPage(number: $0.number, body: $0.body)] } ?? []
        try storing { () throws(LedgerError) in
            try inbox.append(
                JournaledSlice(
                    range: nil, requests: mark, counts: ExtractionCounts(), pages: pages))
        }
    }

    // MARK: - 3: the archives

    /// The answers of the inbox for each window that has a record in them, in time order; this
    /// window is always among them.
    private func route(
        _ pages: [PageBody]
    ) throws(ExportError) -> [(window: Window, pages: [PageBody])] {
        let cutter = try cutting { () throws(PlanningError) in
            try WindowCutter(timeZoneIdentifier: window.timeZoneIdentifier)
        }
        var routed: [WindowKey: (window: Window, pages: [PageBody])] = [
            window.key: (window, pages)
        ]
        for page in pages {
            let moments = try extracting { () throws(ExtractionError) in
                try extractor(recorder.stream).moments(in: page)
            }
            var seen: Set<WindowKey> = [window.key]
            for moment in moments where !range.contains(moment) {
                guard let other = try self.window(at: moment, cutter) else { continue }
                guard seen.insert(other.key).inserted else { continue }
                routed[other.key, default: (other, [])].pages.append(page)
            }
        }
        return routed.values.sorted { left, right in
            (left.window.range?.start ?? range.start) < (right.window.range?.start ?? range.start)
        }
    }

    /// The window of the stream's grid that holds a moment.
    private func window(
        at moment: Timestamp, _ cutter: WindowCutter
    ) throws(ExportError) -> Window? {
        // No window is longer than a month.
        let search = TimeRange(
            start: moment.advanced(milliseconds: -32 * 86_400_000),
            end: moment.advanced(milliseconds: 1))
        let windows = try cutting { () throws(PlanningError) in
            try cutter.windows(every: recorder.stream.windows.every, startingIn: search)
        }
        return windows.last { $0.range?.contains(moment) ?? false }
    }

    private func archive(_ pages: [PageBody], of part: Window) throws(ExportError) {
        guard !pages.isEmpty else { return }
        let journal = try openArchive(of: part)
        try checkHoldsAll(journal, part)
        let slice = JournaledSlice(
            range: nil, requests: part.key == window.key ? Self.ended : nil,
            counts: ExtractionCounts(),
            pages: pages.map { JournaledPage(number: $0.number, body: $0.body) })
        try storing { () throws(LedgerError) in try journal.append(slice) }
    }

    /// A damaged archive ends the window: what it held cannot be had again.
    private func openArchive(of part: Window) throws(ExportError) -> PageJournal {
        let journal = try openJournal("drain", of: part)
        if case .setAside(let path, let reason) = journal.origin {
            throw ExportError(
                .storage, code: "damaged_archive",
                message: """
                    the archive of drained records of window \(part.key) cannot be used \
                    (\(reason)); it lies at \(path) now; restore it from a backup to \
                    \(journal.path), or export the window with `syncflag: 3`
                    """)
        }
        return journal
    }

    // MARK: - 4: publication

    /// Builds a window's partition from its archive.
    private func publish(
        _ part: Window, requestCount: Int
    ) throws(ExportError) -> WindowResult {
        guard let partRange = part.range else { preconditionFailure("drains have bounds") }
        let archive = try openArchive(of: part)
        let standing = try recorder.standing(part)
        if archive.sliceCount == 0, let standing {
            return unchanged(standing, part, requestCount: requestCount)
        }
        var own: Set<Int> = []
        var bodies: [PageBody] = []
        for slice in try slices(of: archive) {
            for page in slice.pages {
                bodies.append(PageBody(number: bodies.count + 1, requestID: nil, body: page.body))
                if slice.requests == Self.ended { own.insert(bodies.count) }
            }
        }
        let slice = try extracting { () throws(ExtractionError) in
            try extractor(recorder.stream).merge(range: partRange, bodies: bodies, own: own)
        }
        let intake = try WindowIntake(recorder, window: part, journal: archive)
        let published: PublishedPartition
        do {
            try intake.take(slice)
            published = try intake.publish(
                at: shared.environment.clock.now(), rewriting: recorder.isOutdated(standing))
        } catch {
            intake.abandon(logger: shared.environment.logger)
            throw error
        }
        try recorder.record(
            published, of: part, replacing: standing, intake: intake, requestCount: requestCount)
        return recorder.result(published, of: part, intake: intake, requestCount: requestCount)
    }

    /// A published window whose archive is gone must not shrink to what came since.
    private func checkHoldsAll(_ archive: PageJournal, _ part: Window) throws(ExportError) {
        guard archive.sliceCount == 0, let standing = try recorder.standing(part), standing.rows > 0
        else {
            return
        }
        throw ExportError(
            .storage, code: "missing_archive",
            message: """
                window \(part.key) was published with \(standing.rows) rows, but there is no \
                archive of drained records at \(archive.path) to merge new ones with; restore it, \
                or export the window with `syncflag: 3`
                """)
    }

    /// Nothing was ever drained of a window that was published otherwise: it stays as it is.
    private func unchanged(
        _ standing: PartitionOutcome, _ part: Window, requestCount: Int
    ) -> WindowResult {
        var result = WindowResult(recorder.name(of: part), status: .unchanged)
        result.directory = standing.directory
        result.rows = standing.rows
        result.rejects = standing.rejects
        result.requests = requestCount
        return result
    }

    // MARK: - Helpers

    private func reach(_ point: CrashPoint) {
        shared.environment.onReaching(point)
    }

    private func extractor(_ stream: Stream) -> WindowExtractor {
        WindowExtractor(
            stream: stream, session: session, transport: shared.environment.transport,
            environment: shared.environment.clock)
    }

    /// Columns and format stay out of the fingerprint: what was read stays good when they change.
    private func openJournal(_ name: String, of part: Window) throws(ExportError) -> PageJournal {
        var identity = recorder.entry(of: part).identity
        identity.window += "#" + name
        return try storing { () throws(LedgerError) in
            try PageJournal.open(
                in: shared.ledger.directory, of: identity,
                fingerprint: "drain of \(recorder.stream.endpoint.id)",
                disk: shared.environment.disk)
        }
    }

    private func slices(of journal: PageJournal) throws(ExportError) -> [JournaledSlice] {
        try storing { () throws(LedgerError) in
            var found: [JournaledSlice] = []
            guard let reader = try journal.makeReader() else { return found }
            while let slice = try reader.next() { found.append(slice) }
            return found
        }
    }

    private func pages(of inbox: PageJournal) throws(ExportError) -> [PageBody] {
        try slices(of: inbox).flatMap(\.pages).enumerated().map { index, page in
            PageBody(number: index + 1, requestID: nil, body: page.body)
        }
    }

    private func walking<Value>(
        _ stream: Stream? = nil,
        _ body: (WindowExtractor) throws(WalkError<ExportError>) -> Value
    ) throws(ExportError) -> Value {
        do {
            return try body(extractor(stream ?? recorder.stream))
        } catch {
            switch error {
            case .consumer(let error): throw error
            case .extraction(let error): throw ExportError(error.kind, error)
            }
        }
    }

    private func extracting<Value>(
        _ body: () throws(ExtractionError) -> Value
    ) throws(ExportError) -> Value {
        do {
            return try body()
        } catch {
            throw ExportError(error.kind, error)
        }
    }

    private func cutting<Value>(
        _ body: () throws(PlanningError) -> Value
    ) throws(ExportError) -> Value {
        do {
            return try body()
        } catch {
            throw ExportError(.configuration, error)
        }
    }
}
