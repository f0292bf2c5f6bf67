public import ExportModel
import PageDecoding

extension WindowExtractor {
    /// Rebuilds a slice from the bodies of its pages, as an earlier run verified it.
    ///
    /// - Parameters:
    ///   - bodies: in the order of their numbers.
    ///   - foreign: ``ExtractedSlice/foreign`` as it was.
    /// - Throws: `unreadable_page` where a body is no response any more.
    public func restore(
        range: TimeRange?, bodies: [ArchivedPage], foreign: [RowReference] = []
    ) throws(ExtractionError) -> RestoredSlice {
        let pages = try identify(bodies)
        let assembled = SliceAssembler.assemble(
            pages, range: range, asked: range.map(padding.listed))
        let total: Int
        switch stream.endpoint.response.total {
        case .path where range != nil: total = pages.first?.total ?? 0
        case .path: total = pages.reduce(0) { $0 + $1.total }
        // It was verified by what the archive does not keep.
        case .header, .pageCount, .absent: total = assembled.foundCount
        }
        let isReconciled = assembled.foundCount == total && !assembled.hasConflict
        let mismatch = ExtractionError.unreconciled(
            reported: total, found: assembled.foundCount,
            repeats: assembled.slice.counts.duplicates, rounds: 1,
            policy: stream.extract.onMismatch)
        return RestoredSlice(
            assembled: assembled.reporting(total, mismatch: isReconciled ? nil : mismatch),
            foreign: foreign)
    }

    /// Builds a window's rows from everything that drains ever read of it: each record once, in the
    /// form that was read last.
    ///
    /// A record without a readable time belongs to the window it was read for, and is set aside once
    /// however often it was listed.
    ///
    /// - Parameters:
    ///   - bodies: in the order they were read.
    ///   - own: numbers of the bodies that were read for this window.
    /// - Throws: `unreadable_page` where a body is no response any more.
    public func merge(
        range: TimeRange, bodies: [ArchivedPage], own: Set<Int>
    ) throws(ExtractionError) -> ExtractedSlice {
        // The assembler keeps a key's first form, so the newest page goes first.
        let pages = try identify(bodies.reversed())
        var assembled = SliceAssembler.assemble(pages, range: range)
        assembled.slice.counts.reportedTotal = assembled.foundCount
        let others = Set(
            assembled.untimed.map(\.row).filter { !own.contains(pages[Int($0.page)].page.number) })
        assembled.slice.unidentified.removeAll { others.contains($0) }
        dropRepeats(from: &assembled.slice, pages)
        return assembled.slice
    }

    /// Keeps as many of the unidentified rows with the same bytes as one page has at most.
    private func dropRepeats(from slice: inout ExtractedSlice, _ pages: [IdentifiedPage]) {
        struct Place: Hashable {
            var page: Int32
            var bytes: ArraySlice<UInt8>
        }
        var kept: [ArraySlice<UInt8>: Int] = [:]
        var onPage: [Place: Int] = [:]
        slice.unidentified.removeAll { row in
            let bytes = pages[Int(row.page)].raw(Int(row.row))
            let count = onPage[Place(page: row.page, bytes: bytes), default: 0] + 1
            onPage[Place(page: row.page, bytes: bytes)] = count
            guard count > kept[bytes, default: 0] else { return true }
            kept[bytes] = count
            return false
        }
    }

    /// Moments of all rows of a page whose time can be read.
    public func moments(in body: ArchivedPage) throws(ExtractionError) -> [Timestamp] {
        try identify([body]).flatMap(\.times).filter { $0 != IdentifiedPage.noTime }
            .map(Timestamp.init(epochMilliseconds:))
    }

    private func identify(_ bodies: [ArchivedPage]) throws(ExtractionError) -> [IdentifiedPage] {
        let reader = try AnswerReader(endpoint: stream.endpoint, environment: environment)
        var pages: [IdentifiedPage] = []
        for body in bodies {
            let decoded: DecodedPage
            let total: Int?
            do throws(ExtractionError) {
                (decoded, total) = try reader.page(in: body.body)
            } catch {
                throw ExtractionError(
                    .storage, code: ExtractionError.unreadablePage,
                    message: "an archived page cannot be read any more: \(error.message)",
                    cause: error)
            }
            var raw = decoded.page
            raw.number = body.number
            raw.requestID = body.requestID
            pages.append(
                fetcher.identifier.identify(
                    raw, total: total ?? raw.rows.count, hasTrailingComma: decoded.hasTrailingComma)
            )
        }
        return pages
    }
}
