import ExportModel

/// How a slice is stored in a block: all but the bodies, then the bodies in the order of the pages.
enum SliceRecord {
    /// All but the bodies.
    static func head(of slice: ArchivedSlice) -> [UInt8] {
        var encoder = ArchiveEncoder()
        encoder.append(slice.range != nil)
        if let range = slice.range {
            encoder.append(signed: range.start.epochMilliseconds)
            encoder.append(signed: range.durationMilliseconds)
        }
        encoder.append(slice.requests != nil)
        if let requests = slice.requests {
            encoder.append(requests.lowerBound)
            encoder.append(requests.count)
        }
        for count in slice.counts.archived { encoder.append(signed: Int64(count)) }
        encoder.append(slice.pages.count)
        for page in slice.pages {
            encoder.append(page.number)
            encoder.append(page.requestID)
            encoder.append(page.body.count)
        }
        encoder.append(slice.foreign.count)
        for row in slice.foreign {
            encoder.append(signed: Int64(row.page))
            encoder.append(signed: Int64(row.row))
        }
        return encoder.bytes
    }

    /// - Returns: nil if the bytes are malformed.
    static func slice(_ bytes: ArraySlice<UInt8>) -> ArchivedSlice? {
        var decoder = ArchiveDecoder(bytes)
        var slice = ArchivedSlice(range: nil, counts: ExtractionCounts(), pages: [])
        guard let hasRange = decoder.flag() else { return nil }
        if hasRange {
            guard let start = decoder.signed(), let duration = decoder.signed(), duration >= 0
            else { return nil }
            let (end, isTooLate) = start.addingReportingOverflow(duration)
            guard !isTooLate else { return nil }
            slice.range = TimeRange(
                start: Timestamp(epochMilliseconds: start), end: Timestamp(epochMilliseconds: end))
        }
        guard let hasRequests = decoder.flag() else { return nil }
        if hasRequests {
            guard let lower = decoder.count(), let count = decoder.count() else { return nil }
            let (upper, isTooLarge) = lower.addingReportingOverflow(count)
            guard !isTooLarge else { return nil }
            slice.requests = lower..<upper
        }
        guard let counts = ExtractionCounts(&decoder), appendPages(&decoder, to: &slice) else {
            return nil
        }
        slice.counts = counts
        return decoder.isAtEnd ? slice : nil
    }

    private static func appendPages(
        _ decoder: inout ArchiveDecoder, to slice: inout ArchivedSlice
    ) -> Bool {
        guard let pageCount = decoder.count() else { return false }
        var bodyByteCounts: [Int] = []
        for _ in 0..<pageCount {
            guard let number = decoder.count(), let requestID = decoder.optionalText(),
                let byteCount = decoder.count()
            else { return false }
            slice.pages.append(ArchivedPage(number: number, requestID: requestID, body: []))
            bodyByteCounts.append(byteCount)
        }
        guard let foreignCount = decoder.count() else { return false }
        for _ in 0..<foreignCount {
            guard let page = decoder.signed(), let row = decoder.signed(),
                let pageNumber = Int32(exactly: page), let rowNumber = Int32(exactly: row)
            else { return false }
            slice.foreign.append(RowReference(page: Int(pageNumber), row: Int(rowNumber)))
        }
        for (page, byteCount) in bodyByteCounts.enumerated() {
            guard let body = decoder.take(byteCount) else { return false }
            slice.pages[page].body = Array(body)
        }
        return true
    }
}

extension ExtractionCounts {
    /// In the order of the archive's format, version 1.
    fileprivate var archived: [Int] {
        [reportedTotal, duplicates, outsideWindow, pages, requests, retries, trailingCommaPages]
    }

    fileprivate init?(_ decoder: inout ArchiveDecoder) {
        guard let reportedTotal = decoder.signed(), let duplicates = decoder.signed(),
            let outsideWindow = decoder.signed(), let pages = decoder.signed(),
            let requests = decoder.signed(), let retries = decoder.signed(),
            let trailingCommaPages = decoder.signed()
        else { return nil }
        self.init()
        self.reportedTotal = Int(reportedTotal)
        self.duplicates = Int(duplicates)
        self.outsideWindow = Int(outsideWindow)
        self.pages = Int(pages)
        self.requests = Int(requests)
        self.retries = Int(retries)
        self.trailingCommaPages = Int(trailingCommaPages)
    }
}
