import Compression
import FileSystem

/// What a journal file holds that can be trusted.
struct JournalScan {
    /// nil where the file ends before it.
    var header: JournalHeader?
    var sliceCount = 0
    /// Where the first slice's frame begins.
    var firstSlice = 0
    /// End of the last whole and valid record.
    var validEnd = 0
    /// Bytes behind `validEnd`: an append that did not end.
    var cutByteCount = 0
    /// Damage behind `validEnd`, which an append that did not end cannot explain.
    var flaw: JournalFlaw?

    private static let chunkByteCount = 1 << 18

    /// Reads a file once, in bounded memory.
    ///
    /// Only the last append can be unfinished, because each one is synced before the next begins.
    /// So a bad record that reaches the end of the file and a bad frame with no good one behind it
    /// are a cut tail, whichever of its blocks reached the disk. All else is damage.
    init(_ opened: OpenFile<LedgerError>) throws(LedgerError) {
        let byteCount = try opened.byteCount()
        let file = Source(file: opened, byteCount: byteCount)
        while validEnd + JournalFrame.byteCount <= byteCount {
            let start = validEnd + JournalFrame.byteCount
            guard let frame = JournalFrame(try file.bytes(validEnd..<start), at: validEnd) else {
                if try file.hasFrame(behind: validEnd) {
                    flaw = JournalFlaw("the frame at byte \(validEnd) is damaged")
                }
                break
            }
            guard frame.recordByteCount <= byteCount - start else { break }
            let record = start..<start + frame.recordByteCount
            if try file.checksum(record) != frame.recordChecksum {
                if record.upperBound < byteCount {
                    flaw = JournalFlaw("the record at byte \(validEnd) is damaged")
                }
                break
            }
            if header == nil {
                let bytes = try file.bytes(record)
                do {
                    header = try JournalHeader(bytes)
                } catch {
                    flaw = error
                    break
                }
                firstSlice = record.upperBound
            } else {
                sliceCount += 1
            }
            validEnd = record.upperBound
        }
        cutByteCount = byteCount - validEnd
    }

    /// The bytes of one file.
    private struct Source {
        let file: OpenFile<LedgerError>
        let byteCount: Int

        func bytes(_ range: Range<Int>) throws(LedgerError) -> [UInt8] {
            let bytes = try file.read(at: range.lowerBound, byteCount: range.count)
            guard bytes.count == range.count else {
                throw LedgerError(code: "journal_failed", message: "the journal became shorter")
            }
            return bytes
        }

        func checksum(_ range: Range<Int>) throws(LedgerError) -> UInt32 {
            var checksum = CRC32C()
            var offset = range.lowerBound
            while offset < range.upperBound {
                let end = min(offset + chunkByteCount, range.upperBound)
                checksum.update(try bytes(offset..<end))
                offset = end
            }
            return checksum.value
        }

        /// Whether a frame stands anywhere behind `offset`. Its checksum covers its place, so that
        /// bytes of a body hardly ever look like one.
        func hasFrame(behind offset: Int) throws(LedgerError) -> Bool {
            var start = offset + 1
            while start + JournalFrame.byteCount <= byteCount {
                let chunk = try bytes(start..<min(start + chunkByteCount, byteCount))
                for place in 0...chunk.count - JournalFrame.byteCount
                // No record has 2^48 bytes; bodies seldom have two zeros.
                where chunk[place + 7] == 0 && chunk[place + 6] == 0 {
                    let bytes = Array(chunk[place..<place + JournalFrame.byteCount])
                    if JournalFrame(bytes, at: start + place) != nil { return true }
                }
                start += chunk.count - JournalFrame.byteCount + 1
            }
            return false
        }
    }
}
