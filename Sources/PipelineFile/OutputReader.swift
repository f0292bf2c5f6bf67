import ExportModel

/// Reads the `output` mapping.
struct OutputReader {
    /// The options; nil where a mistake hides them.
    private(set) var options: OutputOptions?
    /// Where `columns` and `bloom_filters` stand, for checks that need the streams.
    private(set) var columnsItem: YAMLValue?
    private(set) var bloomFilters: [Located<String>] = []
    /// What `columns` says; nil where it is mistaken.
    private(set) var selection: ColumnSelection?
    /// What `partition` says; nil where it is mistaken.
    private(set) var layout: PartitionLayout?

    /// `item` is nil if the file has no `output`; `root` is the whole file.
    init(
        _ item: YAMLValue?, root: YAMLValue, pathOverride: String?, files: FileAccess,
        hasState: Bool
    ) {
        let keys = PipelineKeys.output
        guard let item else {
            if pathOverride == nil {
                root.fail("`output` is missing in \(root.name); say where, as in `path: exports`")
            }
            selection = .unified
            layout = .window
            if pathOverride != nil {
                options = OutputPlaceReader(
                    output: nil, root: root, override: pathOverride, files: files,
                    hasState: hasState
                ).read().map(Self.defaults)
            }
            return
        }
        guard let output = MappingReader(item, keys: keys) else { return }
        let place = OutputPlaceReader(
            output: output, root: root, override: pathOverride, files: files, hasState: hasState
        ).read()
        let partition = output.value("partition").map { $0.word(PartitionLayout.self) } ?? .window
        let publish = output.value("publish").map { $0.word(PublicationPolicy.self) } ?? .available
        if partition == .account {
            output.value("publish")?.warn("`publish` has no effect with `partition: account`")
            output.value("buckets")?.fail(
                "`buckets` divides the accounts of a window, and with `partition: account` each "
                    + "has a partition of its own; remove one of the two")
        }
        let buckets = output.value("buckets").map { $0.int(in: 1...Bucket.maximumCount) } ?? 1
        let format = output.value("format").map { $0.word(OutputFormat.self) } ?? .csv
        let compression: OutputCompression?? = output.value("compression").map {
            $0.word(OutputCompression.self)
        }
        let columns =
            output.value("columns").map {
                ColumnSelectionReader.read($0)
            } ?? .unified
        let timestamps = output.value("timestamps").map { $0.word(TimestampStyle.self) } ?? .iso8601
        let partByteCount =
            output.value("part_bytes").map {
                $0.byteCount(in: 1_024...1 << 40, shownAs: "from `1KiB` to `1024GiB`")
            } ?? 256 << 20
        let csv = output.value("csv").map(CSVOptionsReader.read) ?? CSVOptions()
        let parquet = output.value("parquet").map { readParquet($0) } ?? ParquetOptions()
        columnsItem = output.value("columns")
        layout = partition
        selection = columns
        guard let format else { return }
        Self.warnOfUnused(output, format: format)
        let codec: OutputCompression?
        if let compression {
            codec = compression
        } else {
            codec = format == .parquet ? .zstd : .gzip
        }
        let level = output.value("level").map { Self.level($0, codec: codec) } ?? .some(nil)
        if place?.store != nil { Self.checkPartSize(partByteCount, output) }
        guard let place, let partition, let publish, let buckets, let codec, let columns,
            let timestamps,
            let partByteCount, let csv,
            let parquet, let level
        else { return }
        options = OutputOptions(
            path: place.path, partition: partition, publish: publish, format: format,
            compression: codec, level: level, columns: columns, partByteCount: partByteCount,
            timestamps: timestamps, csv: csv, parquet: parquet)
        options?.buckets = buckets
        options?.objectStore = place.store
    }

    /// An object is written by one request, which takes 5 GiB at most.
    private static func checkPartSize(_ byteCount: Int?, _ output: MappingReader) {
        guard let byteCount, byteCount > 5 << 30 else { return }
        output.value("part_bytes")?.fail(
            "`part_bytes` must be at most `5GiB` in an object store, where a part is written by "
                + "one request")
    }

    private static func defaults(_ place: OutputPlace) -> OutputOptions {
        var options = OutputOptions(
            path: place.path, format: .csv, compression: .gzip, level: nil, columns: .unified,
            partByteCount: 256 << 20, timestamps: .iso8601, csv: CSVOptions(),
            parquet: ParquetOptions())
        options.objectStore = place.store
        return options
    }

    /// `.some(nil)` never: a level that is given is a level or a mistake.
    private static func level(_ item: YAMLValue, codec: OutputCompression?) -> Int?? {
        switch codec {
        case .gzip: return item.int(in: 1...9).map { .some($0) }
        case .zstd: return item.int(in: 1...19).map { .some($0) }
        case .some(.none):
            item.fail("`level` means nothing with `compression: none`; remove one of the two")
            return nil
        case nil: return item.int(in: 1...19).map { .some($0) }
        }
    }

    private static func warnOfUnused(_ output: MappingReader, format: OutputFormat) {
        let unused: [String] =
            switch format {
            case .csv: ["parquet"]
            case .ndjson: ["csv", "parquet"]
            case .parquet: ["csv", "timestamps"]
            }
        for key in unused {
            output.value(key)?.warn("`\(key)` has no effect with `format: \(format.rawValue)`")
        }
    }

    private mutating func readParquet(_ item: YAMLValue) -> ParquetOptions? {
        guard let parquet = MappingReader(item, keys: PipelineKeys.parquet) else { return nil }
        let version =
            parquet.value("data_page_version").map { $0.int(in: 1...2) } ?? 1
        let filters =
            parquet.value("bloom_filters").map { $0.textList(of: "output columns") } ?? []
        guard let version, let filters else { return nil }
        for (index, filter) in filters.enumerated()
        where filters[..<index].contains(where: { $0.value == filter.value }) {
            item.context.findings.add(
                .error, filter.location, "`bloom_filters` names the column twice; remove one")
        }
        bloomFilters = filters
        return ParquetOptions(dataPageVersion: version, bloomFilters: filters.map(\.value))
    }
}
