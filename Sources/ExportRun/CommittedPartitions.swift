import BoundedDispatch
public import ExportModel
public import Publication

/// The partitions of a pipeline that its output says are published, whatever a ledger knows: several
/// machines may write one output, each with a ledger of its own.
public struct CommittedPartitions: Sendable {
    /// Partitions that are listed before their manifests are read side by side.
    private static let batchSize = 1_000

    private let pipeline: Pipeline
    private let output: any PublishedOutput
    private let streams: Set<String>?
    private let span: WindowSpan?

    /// - Parameters:
    ///   - streams: nil for all; names that the pipeline does not have hand out nothing.
    ///   - span: nil for all windows.
    public init(
        of pipeline: Pipeline, in output: any PublishedOutput, streams: Set<String>? = nil,
        span: WindowSpan? = nil
    ) {
        self.pipeline = pipeline
        self.output = output
        self.streams = streams
        self.span = span
    }

    /// Hands out each partition's directory, relative to the output, and its manifest, in the order
    /// of the listing.
    ///
    /// - Returns: what is wrong with those that were left out: `published_differs`, and manifests
    ///   that cannot be read.
    /// - Throws: where the output cannot be listed.
    public func forEach(
        _ body: (_ directory: String, Manifest) -> Void
    ) throws(ExportError) -> [ExportError] {
        var failures: [ExportError] = []
        var batch: [PublishedDirectory] = []
        func read() {
            let asked = batch
            var directories = asked.makeIterator()
            LaneGroup.map(
                asked, lanes: output.laneCount, label: "cdrx.manifests", stop: StopToken(),
                perform: { manifest(of: $0) }
            ) { found in
                guard let directory = directories.next()?.path else { return }
                switch found {
                case .success(let manifest):
                    if isAsked(manifest) { body(directory, manifest) }
                case .failure(let error): failures.append(error)
                }
            }
            batch = []
        }
        do {
            try output.forEachPartition(below: "") { directory in
                guard mayBeAsked(directory.path) else { return }
                batch.append(directory)
                if batch.count == Self.batchSize { read() }
            }
        } catch {
            throw ExportError(.storage, error)
        }
        read()
        return failures
    }

    private func mayBeAsked(_ directory: String) -> Bool {
        span?.mayContain(directory: directory) ?? true
    }

    private func isAsked(_ manifest: Manifest) -> Bool {
        manifest.pipeline == pipeline.name && streams?.contains(manifest.stream) ?? true
            && span?.contains(manifest.window.key) ?? true
    }

    /// A partition that is written anew between the listing and its manifest is looked at again.
    private func manifest(of directory: PublishedDirectory) -> Result<Manifest, ExportError> {
        do throws(PartitionError) {
            let first = try output.manifest(in: directory.path)
            if first.difference(from: directory) == nil { return .success(first) }
            let again =
                try output.directory(at: directory.path)
                ?? PublishedDirectory(path: directory.path)
            let manifest = try output.manifest(in: directory.path)
            guard let difference = manifest.difference(from: again) else {
                return .success(manifest)
            }
            return .failure(
                ExportError(
                    .storage, code: .publishedDiffers,
                    message: "\(output.name(of: directory.path)): \(difference); it is left out, "
                        + "the next run mends what a killed one left"))
        } catch {
            return .failure(ExportError(.storage, error))
        }
    }
}

extension Manifest {
    /// How a listing shows that parts are not those of the manifest; nil where it does not.
    fileprivate func difference(from directory: PublishedDirectory) -> String? {
        for file in files {
            guard let entry = directory.entries[file.path] else { return "\(file.path) is gone" }
            if let found = entry.byteCount, found != file.bytes {
                return "\(file.path) has \(found) bytes instead of \(file.bytes)"
            }
            if let found = entry.etag, let expected = file.etag, found != expected {
                return "\(file.path) was written again since its manifest"
            }
        }
        return nil
    }
}
