import ExportModel

/// What one `windows` mapping says; nil where it says nothing.
struct WindowSettings {
    var every: Located<WindowGrid>?
    var range: Located<WindowRange>?
    var settleMilliseconds: Int64?
    var refresh: Int?
    var catchUpFrom: Located<LocalHour>?
    var shrink: ShrinkPolicy?

    /// Most windows that a range may have.
    static let windowLimit = 1_000_000

    init() {}

    init(_ item: YAMLValue) {
        guard let windows = MappingReader(item, keys: PipelineKeys.windows) else { return }
        every = windows.value("every").flatMap { item in
            item.word(WindowGrid.self).map { Located(value: $0, location: item.location) }
        }
        range = windows.value("range").flatMap(WindowRangeText.read)
        settleMilliseconds = windows.value("settle").flatMap {
            $0.milliseconds(in: 0...366 * 86_400_000, shownAs: "at most `366d`")
        }
        refresh = windows.value("refresh").flatMap { $0.int(in: 0...10_000) }
        catchUpFrom = windows.value("catch_up_from").flatMap(LocalHourText.read)
        shrink = windows.value("shrink").flatMap { $0.word(ShrinkPolicy.self) }
    }

    /// These settings with those of `base` where they say nothing, and the defaults where both do
    /// not. Reports what does not fit together; `fallback` is the place if all is left to defaults.
    func resolved(
        over base: WindowSettings, fallback: SourceLocation, findings: Findings
    ) -> WindowOptions {
        let grid = every?.value ?? base.every?.value ?? .day
        let stretch = range ?? base.range
        let place =
            range?.location ?? every?.location ?? base.range?.location ?? base.every?.location
            ?? fallback
        let value = stretch?.value ?? .yesterday
        if let mistake = WindowRangeText.mistake(in: value, grid: grid) {
            let prefix = stretch == nil ? "the default " : ""
            findings.add(.error, place, prefix + mistake)
        }
        let catchUp = catchUpFrom ?? base.catchUpFrom
        if let catchUp, !LocalHourText.isOnGrid(catchUp.value, grid) {
            findings.add(
                .error, catchUpFrom?.location ?? every?.location ?? catchUp.location,
                "`catch_up_from` must be the start of a \(grid.rawValue), "
                    + "since windows are cut `every: \(grid.rawValue)`")
        }
        return WindowOptions(
            every: grid, range: value,
            settleMilliseconds: settleMilliseconds ?? base.settleMilliseconds ?? 30 * 60_000,
            refresh: refresh ?? base.refresh ?? 0, catchUpFrom: catchUp?.value,
            shrink: shrink ?? base.shrink ?? .keep)
    }
}
