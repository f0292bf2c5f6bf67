import ExportModel

/// What one `extract` mapping says; nil where it says nothing.
struct ExtractSettings {
    var pagesInFlight: Located<Int>?
    var windowsInFlight: Located<Int>?
    var requestsPerSecond: Double?
    var slicePages: Int?
    var pageSize: Located<Int>?
    var timeoutMilliseconds: Int64?
    var attempts: Int?
    var maxRejects: RejectLimit?
    var confirmation: WalkConfirmation?
    var onMismatch: MismatchPolicy?
    /// As seen from the working directory.
    var certificateFile: String?

    /// Most requests a second that may be asked for.
    static let rateLimit = 100_000.0

    init() {}

    /// - Parameter files: reads the file of certificates, so that a wrong path is found now.
    init(_ item: YAMLValue, files: FileAccess) {
        guard let extract = MappingReader(item, keys: PipelineKeys.extract) else { return }
        func located(_ key: String, in range: ClosedRange<Int>) -> Located<Int>? {
            guard let item = extract.value(key), let value = item.int(in: range) else { return nil }
            return Located(value: value, location: item.location)
        }
        pagesInFlight = located("pages_in_flight", in: 1...64)
        windowsInFlight = located("windows_in_flight", in: 1...240)
        requestsPerSecond = extract.value("requests_per_second")
            .flatMap { $0.rate(upTo: Self.rateLimit) }
        slicePages = located("slice_pages", in: 1...100_000)?.value
        pageSize = located("page_size", in: 1...100_000)
        timeoutMilliseconds = extract.value("timeout").flatMap {
            $0.milliseconds(in: 100...3_600_000, shownAs: "from `100ms` to `1h`")
        }
        attempts = located("attempts", in: 1...100)?.value
        maxRejects = extract.value("max_rejects").flatMap(Self.maxRejects)
        confirmation = extract.value("confirm").flatMap { $0.word(WalkConfirmation.self) }
        onMismatch = extract.value("on_mismatch").flatMap { $0.word(MismatchPolicy.self) }
        certificateFile = extract.value("ca_file").flatMap {
            Self.certificateFile($0, files: files)
        }
    }

    private static func certificateFile(_ item: YAMLValue, files: FileAccess) -> String? {
        guard let path = item.text("a path") else { return nil }
        let resolved = files.resolve(path)
        guard let bytes = files.read(resolved, namedBy: item) else { return nil }
        if bytes.firstRange(of: Array("-----BEGIN CERTIFICATE-----".utf8)) == nil {
            item.fail("\(item.name): `\(resolved)` holds no certificate in PEM form")
        }
        return resolved
    }

    private static func maxRejects(_ item: YAMLValue) -> RejectLimit? {
        let what = "a whole number, a share or `none`"
        guard let scalar = item.scalar(as: what) else { return nil }
        switch RejectLimit(parsing: scalar.text) {
        case .count where !scalar.isPlain: break
        case let limit?: return limit
        case nil: break
        }
        item.fail("\(item.name) must be \(what), as in `100` or `1%`, not \(scalar.quoted)")
        return nil
    }

    /// These settings with those of `base` where they say nothing, and the defaults where both do
    /// not. Reports what the endpoint does not allow.
    ///
    /// - Parameter lanes: of the run.
    func resolved(
        over base: ExtractSettings, stream: String, endpoint: Endpoint?, isDrain: Bool, lanes: Int,
        findings: Findings
    ) -> ExtractOptions {
        let pages = pagesInFlight ?? base.pagesInFlight
        let windows = windowsInFlight ?? base.windowsInFlight
        return ExtractOptions(
            pagesInFlight: isDrain ? 1 : pages?.value ?? 4,
            windowsInFlight: windows?.value ?? lanes,
            requestsPerSecond: requestsPerSecond ?? base.requestsPerSecond ?? 5,
            slicePages: slicePages ?? base.slicePages ?? 200,
            pageSize: resolvedPageSize(
                over: base, stream: stream, endpoint: endpoint, findings: findings),
            timeoutMilliseconds: timeoutMilliseconds ?? base.timeoutMilliseconds ?? 20_000,
            attempts: attempts ?? base.attempts ?? 6,
            maxRejects: maxRejects ?? base.maxRejects ?? .standard,
            confirmation: confirmation ?? base.confirmation ?? .edges,
            onMismatch: onMismatch ?? base.onMismatch ?? .fail,
            certificateFile: certificateFile ?? base.certificateFile)
    }

    private func resolvedPageSize(
        over base: ExtractSettings, stream: String, endpoint: Endpoint?, findings: Findings
    ) -> Int {
        guard let endpoint else { return 1 }
        guard let paging = endpoint.request.paging else {
            if let pageSize {
                findings.add(
                    .error, pageSize.location,
                    "`page_size`: `\(endpoint.id)` answers without pages; remove the line")
            }
            return 1
        }
        guard let size = pageSize ?? base.pageSize else { return paging.defaultSize }
        if size.value > paging.maximumSize {
            let remedy =
                pageSize == nil
                ? "lower it, or give stream `\(stream)` an `extract.page_size` of its own"
                : "lower it"
            findings.add(
                .error, size.location,
                "`page_size` \(size.value) is above the \(paging.maximumSize) that "
                    + "`\(endpoint.id)` allows; \(remedy)")
        }
        return size.value
    }
}
