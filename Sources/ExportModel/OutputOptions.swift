/// How partitions are written.
public struct OutputOptions: Hashable, Sendable {
    /// Root directory of the export; ``ObjectStoreLocation/uri`` where it lies in an object store.
    public var path: String
    /// nil for a directory.
    public var objectStore: ObjectStoreLocation?
    public var partition: PartitionLayout
    public var publish: PublicationPolicy
    /// Partitions into which a window's accounts are dealt; 1: all are in one, which has no
    /// directory of a bucket. For ``PartitionLayout/window`` alone.
    public var buckets = 1
    public var format: OutputFormat
    public var compression: OutputCompression
    /// The codec's level; nil: the codec's default.
    public var level: Int?
    public var columns: ColumnSelection
    /// A part is closed once its uncompressed data reaches this.
    public var partByteCount: Int
    public var timestamps: TimestampStyle
    public var csv: CSVOptions
    public var parquet: ParquetOptions

    public init(
        path: String, partition: PartitionLayout = .window,
        publish: PublicationPolicy = .available, format: OutputFormat,
        compression: OutputCompression, level: Int?,
        columns: ColumnSelection, partByteCount: Int, timestamps: TimestampStyle,
        csv: CSVOptions, parquet: ParquetOptions
    ) {
        self.path = path
        self.partition = partition
        self.publish = publish
        self.format = format
        self.compression = compression
        self.level = level
        self.columns = columns
        self.partByteCount = partByteCount
        self.timestamps = timestamps
        self.csv = csv
        self.parquet = parquet
    }

    /// What the ledger knows the output by.
    public var identity: String { objectStore?.identity ?? path }
}

extension OutputOptions {
    /// The bucket of an account; nil where partitions are not divided into buckets.
    public func bucket(of account: String) -> Bucket? {
        guard partition == .window, buckets > 1 else { return nil }
        return Bucket(holding: account, among: buckets)
    }
}

/// What shares a partition's directory.
public enum PartitionLayout: String, CaseIterable, Sendable {
    /// All accounts of a stream's window.
    case window
    /// One account's window.
    case account
}

/// When a partition of several accounts is published.
public enum PublicationPolicy: String, CaseIterable, Sendable {
    /// Once each account has ended, without those that failed.
    case available
    /// Once all accounts are there.
    case complete
}

public enum OutputFormat: String, CaseIterable, Sendable {
    case csv, ndjson, parquet
}

public enum OutputCompression: String, CaseIterable, Sendable {
    case gzip, zstd, none
}

/// How CSV and NDJSON write timestamps.
public enum TimestampStyle: String, CaseIterable, Sendable {
    /// `2022-06-02T15:16:08.809Z`
    case iso8601
    /// Milliseconds since 1970, a number.
    case epochMilliseconds = "epoch_ms"
}

/// The dialect of CSV files (RFC 4180 unless changed).
public struct CSVOptions: Hashable, Sendable {
    public enum Newline: String, CaseIterable, Sendable {
        case lf, crlf
    }

    /// One ASCII byte, neither a quote nor a line break.
    public var delimiter: UInt8
    public var hasHeader: Bool
    /// What null is written as, unquoted; a value that equals it is quoted.
    public var null: String
    public var newline: Newline

    public init(
        delimiter: UInt8 = UInt8(ascii: ","), hasHeader: Bool = true, null: String = "",
        newline: Newline = .lf
    ) {
        self.delimiter = delimiter
        self.hasHeader = hasHeader
        self.null = null
        self.newline = newline
    }
}

/// Options that only Parquet has.
public struct ParquetOptions: Hashable, Sendable {
    /// 1 or 2
    public var dataPageVersion: Int
    /// Output columns that get a split-block bloom filter.
    public var bloomFilters: [String]

    public init(dataPageVersion: Int = 1, bloomFilters: [String] = []) {
        self.dataPageVersion = dataPageVersion
        self.bloomFilters = bloomFilters
    }
}

/// Which columns are written, in this order.
public struct ColumnSelection: Hashable, Sendable {
    public var picks: [ColumnPick]

    public init(_ picks: [ColumnPick]) {
        self.picks = picks
    }

    /// ``UnifiedColumn``, all of them.
    public static let unified = Self([.unified])
    /// The provider's fields under their own names.
    public static let native = Self([.native])

    /// The name under which a unified column is written; nil if it is not.
    public func outputName(of column: UnifiedColumn) -> String? {
        for pick in picks {
            switch pick {
            case .unified: return column.rawValue
            case .column(column.rawValue, let outputName): return outputName
            default: continue
            }
        }
        return nil
    }
}

/// One column of a selection, or a whole set of them.
public enum ColumnPick: Hashable, Sendable {
    /// ``UnifiedColumn``, all of them.
    case unified
    /// The provider's fields under their own names.
    case native
    /// A unified column, a field of the provider, or a ``DerivedColumn``, by its name.
    case column(String, as: String)
}
