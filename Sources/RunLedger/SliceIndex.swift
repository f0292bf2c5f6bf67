import ExportModel

/// The front part of a slice's record: all but the bodies, which follow it in the order of the
/// pages.
struct SliceIndex {
    var slice: JournaledSlice
    var bodyByteCounts: [Int]

    /// Without the byte count that stands before it.
    static func bytes(of slice: JournaledSlice) -> [UInt8] {
        var encoder = JournalEncoder()
        encoder.append(UInt8((slice.range == nil ? 0 : 1) | (slice.requests == nil ? 0 : 2)))
        if let range = slice.range {
            encoder.append(range.start.epochMilliseconds)
            encoder.append(range.end.epochMilliseconds)
        }
        if let requests = slice.requests {
            encoder.append(Int64(requests.lowerBound))
            encoder.append(Int64(requests.upperBound))
        }
        for count in slice.counts.journaled { encoder.append(Int64(count)) }
        encoder.append(UInt32(slice.pages.count))
        for page in slice.pages {
            encoder.append(Int64(page.number))
            encoder.append(UInt8(page.requestID == nil ? 0 : 1))
            if let requestID = page.requestID { encoder.append(requestID) }
            encoder.append(Int64(page.body.count))
        }
        encoder.append(UInt32(slice.foreign.count))
        for row in slice.foreign {
            encoder.append(row.page)
            encoder.append(row.row)
        }
        return encoder.bytes
    }

    /// nil if the bytes are malformed; the pages' bodies are still empty.
    init?(_ bytes: [UInt8]) {
        var decoder = JournalDecoder(bytes)
        guard let flags = decoder.integer(UInt8.self), flags < 4 else { return nil }
        slice = JournaledSlice(range: nil, counts: ExtractionCounts(), pages: [])
        if flags & 1 != 0 {
            guard let start = decoder.integer(Int64.self), let end = decoder.integer(Int64.self),
                start <= end
            else { return nil }
            slice.range = TimeRange(
                start: Timestamp(epochMilliseconds: start), end: Timestamp(epochMilliseconds: end))
        }
        if flags & 2 != 0 {
            guard let lower = decoder.count(), let upper = decoder.count(), lower <= upper else {
                return nil
            }
            slice.requests = lower..<upper
        }
        guard let counts = ExtractionCounts(&decoder),
            let pageCount = decoder.integer(UInt32.self)
        else { return nil }
        slice.counts = counts
        bodyByteCounts = []
        for _ in 0..<pageCount {
            guard let number = decoder.count(), let hasID = decoder.integer(UInt8.self) else {
                return nil
            }
            var page = JournaledPage(number: number, body: [])
            if hasID == 1 {
                guard let requestID = decoder.text() else { return nil }
                page.requestID = requestID
            }
            guard let byteCount = decoder.count() else { return nil }
            slice.pages.append(page)
            bodyByteCounts.append(byteCount)
        }
        guard let foreignCount = decoder.integer(UInt32.self) else { return nil }
        for _ in 0..<foreignCount {
            guard let page = decoder.integer(Int32.self), let row = decoder.integer(Int32.self)
            else { return nil }
            slice.foreign.append(RowReference(page: Int(page), row: Int(row)))
        }
        guard decoder.isAtEnd else { return nil }
    }
}

extension ExtractionCounts {
    /// In the order of the journal's format, version 1.
    fileprivate var journaled: [Int] {
        [reportedTotal, duplicates, outsideWindow, pages, requests, retries, trailingCommaPages]
    }

    fileprivate init?(_ decoder: inout JournalDecoder) {
        guard let reportedTotal = decoder.integer(Int64.self),
            let duplicates = decoder.integer(Int64.self),
            let outsideWindow = decoder.integer(Int64.self),
            let pages = decoder.integer(Int64.self), let requests = decoder.integer(Int64.self),
            let retries = decoder.integer(Int64.self),
            let trailingCommaPages = decoder.integer(Int64.self)
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
