import Archive
import ExportModel
import Extraction
import PartitionFormats
import Planning
import RunLedger
import Transformation

/// Collects the rejects of an account window that is not published because of them, from what the
/// archive has of it, so that they can be looked at.
struct RejectReplay {
    private let run: AccountRun

    init(_ run: AccountRun) {
        self.run = run
    }

    /// Keeps the rejects of a version, in place of those of an earlier one.
    func keep(_ version: ArchivedVersion) throws(ExportError) {
        let slices = try ArchivedSlices(
            version, in: run.partition.archive(), run.extractor, of: run.planned.window)
        let transformer = RowTransformer(
            endpoint: run.stream.endpoint, plan: run.stream.columns, account: run.planned.account,
            sourceZone: run.stream.sourceZone)
        var file: [UInt8] = []
        do {
            let stream = try RejectStream()
            while let (slice, _) = try slices.next() {
                let transformed = transformer.transform(slice) { _ in }
                for reject in transformed.rejects {
                    _ = try stream.append(reject, account: run.planned.account, to: &file)
                }
            }
            try stream.finish(into: &file)
        } catch let error as FormatError {
            throw ExportError(.storage, error)
        } catch let error as ExportError {
            throw error
        } catch {
            preconditionFailure("neither the archive nor the format throws \(error)")
        }
        let bytes = file
        try storing(
            try KeptRejects(run.shared.ledger.directory, disk: run.shared.environment.disk).keep(
                bytes, of: run.entry.identity))
    }
}
