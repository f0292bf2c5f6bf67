import ExportModel

/// Where an output lies.
struct OutputPlace {
    /// Of a directory, or the URI of a store.
    var path: String
    /// nil for a directory.
    var store: ObjectStoreLocation?
}

/// Reads `output.path` and the keys that belong to it, or what `--out` says in its place.
struct OutputPlaceReader {
    /// nil where the file has no `output`.
    let output: MappingReader?
    /// The whole file.
    let root: YAMLValue
    let override: String?
    let files: FileAccess
    /// Whether ledger and archive have a directory of their own.
    let hasState: Bool

    /// nil (and findings) for a mistake.
    func read() -> OutputPlace? {
        if let override {
            let item = (output?.value("path") ?? output?.item ?? root).renamed("`--out`")
            _ = output?.value("path")?.text()
            return place(override, item) { $0 }
        }
        let remedy = "name a directory or `s3://bucket/prefix`, or give `--out`"
        guard let item = output?.required("path", remedy: remedy),
            let scalar = item.scalar(as: "a path"), let written = item.text("a path")
        else { return nil }
        let place = place(written, item) { resolve($0, item) }
        // A file may get its path from the environment: a store at one time, a directory at another.
        if let place, place.store == nil, !scalar.hasReferences { warnOfUnused() }
        return place
    }

    private func place(
        _ text: String, _ item: YAMLValue, resolving: (String) -> String
    ) -> OutputPlace? {
        if text.hasPrefix(ObjectStoreLocation.scheme) {
            if !hasState {
                item.fail(
                    "`state` is missing in the pipeline file: the output is in an object store, but "
                        + "ledger and archive are on a disk; give `--state DIR`, or name it, as in "
                        + "`state: /var/lib/cdrx`")
            }
            return ObjectStoreReader(output: output, place: item).read(text).map {
                OutputPlace(path: $0.uri, store: $0)
            }
        }
        if let flaw = OutputRule.flaw(of: text) {
            item.fail("\(item.name): `\(text)` \(flaw)")
            return nil
        }
        return OutputPlace(path: resolving(text), store: nil)
    }

    /// The directory, relative to the file as every path in it. It was relative to the working
    /// directory once, so that what lies there is pointed out.
    private func resolve(_ written: String, _ item: YAMLValue) -> String {
        let path = files.resolve(written)
        let machine = files.machine
        if path != written, machine.holdsOutput(written), !machine.holdsOutput(path) {
            item.warn(
                "\(item.name) is relative to this file, so this is `\(path)`; but `\(written)` in "
                    + "the working directory holds an earlier export, which is not seen: move it "
                    + "there, or give `--out \(written)`")
        }
        return path
    }

    private func warnOfUnused() {
        for key in ObjectStoreReader.keys {
            output?.value(key)?.warn("`\(key)` has no effect where `path` is a directory")
        }
    }
}
