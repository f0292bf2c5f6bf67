import BoundedDispatch
import ExportModel
public import Publication

/// What a verification of an output looked at and what it found.
public struct Verification: Sendable {
    /// Partitions that are listed before they are examined side by side.
    private static let batchSize = 1_000

    /// Partitions that were examined.
    public private(set) var partitionCount = 0
    /// Everything that differs, partition by partition; empty if all is well.
    public internal(set) var findings: [PartitionFinding] = []

    /// Compares every partition of an output, or the one that it is, with its manifest.
    ///
    /// - Parameters:
    ///   - isDeep: see ``PartitionVerifier/init(_:isDeep:)``.
    ///   - compare: what else is wrong with a partition, by its directory and its manifest; the
    ///     manifest is nil where it cannot be read, which is a finding already.
    public init(
        of output: any PublishedOutput, isDeep: Bool,
        comparing compare: (String, Manifest?) -> [PartitionFinding] = { _, _ in [] }
    ) throws(ExportError) {
        let verifier = PartitionVerifier(output, isDeep: isDeep)
        var batch: [PublishedDirectory] = []
        func examine() {
            var directories = batch.makeIterator()
            LaneGroup.map(
                batch, lanes: output.laneCount, label: "cdrx.verify", stop: StopToken(),
                perform: verifier.examine
            ) { manifest, found in
                guard let directory = directories.next() else { return }
                findings += found + compare(directory.path, manifest)
            }
            partitionCount += batch.count
            batch = []
        }
        do {
            if let whole = try output.directory(at: ""), whole.isPartition {
                batch = [whole]
            } else {
                try output.forEachPartition(below: "") { directory in
                    batch.append(directory)
                    if batch.count == Self.batchSize { examine() }
                }
            }
        } catch {
            throw ExportError(.storage, error)
        }
        examine()
    }
}
