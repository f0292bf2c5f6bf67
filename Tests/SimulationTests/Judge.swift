import FileSystem

/// Compares what is published with the truth.
final class Judge {
    /// How much must be right.
    enum Strictness {
        /// Whatever may be published while records come and leave: nothing twice, nothing that
        /// never was, nothing lacking that always was.
        case sound
        /// Exactly what the provider has now.
        case exact
        /// Sound, and no account is missing.
        case whole
    }

    private struct Key: Hashable {
        var place: AccountPlace
        var index: Int
        var format: RowText.Format
        var columns: [String]
    }

    private let scenario: Scenario
    private let truth: Truth
    private let tree: OutputTree
    private var lines: [Key: String] = [:]

    init(_ scenario: Scenario, truth: Truth, disk: any Disk, root: String) {
        self.scenario = scenario
        self.truth = truth
        tree = OutputTree(disk: disk, root: root)
    }

    // MARK: - Partitions

    /// Every partition that a reader sees.
    func judgePartitions(_ strictness: Strictness) throws -> [SeenPartition] {
        let directories = try tree.directories()
        if strictness == .exact {
            let expected = Set(scenario.streams.flatMap(scenario.directories))
            guard Set(directories) == expected else {
                throw Violation(
                    """
                    published are \(directories.sorted()), \
                    \(expected.subtracting(directories).sorted()) are missing
                    """)
            }
        }
        return try directories.map { directory in
            let seen = try tree.partition(directory)
            try judge(seen, strictness)
            return seen
        }
    }

    private func judge(_ seen: SeenPartition, _ strictness: Strictness) throws {
        let manifest = seen.manifest
        guard let streamIndex = scenario.streams.firstIndex(where: { $0.name == manifest.stream })
        else { throw Violation("\(seen.directory): of an unknown stream") }
        let stream = scenario.streams[streamIndex]
        let isParquet = seen.text.format == .parquet
        guard manifest.rejects == seen.rejectCount,
            isParquet || manifest.rows == seen.lines.count
        else {
            throw Violation(
                """
                \(seen.directory): \(seen.lines.count) rows and \(seen.rejectCount) rejects, the \
                manifest says \(manifest.rows) and \(manifest.rejects)
                """)
        }
        let missing = manifest.accounts.filter { $0.state != "complete" }.map(\.account)
        guard strictness == .sound || missing.isEmpty, manifest.complete == missing.isEmpty,
            missing.isEmpty || !scenario.waitsForAll
        else { throw Violation("\(seen.directory): lacks \(missing)") }
        let names = manifest.accounts.map(\.account)
        guard names == names.sorted(), Set(names).count == names.count,
            names == scenario.accounts(of: stream, beside: names[0])
        else { throw Violation("\(seen.directory): its accounts are \(names)") }
        // Other tests read Parquet; what a partition holds, this one sees in its other formats.
        if isParquet { return }
        var next = 0
        for account in manifest.accounts where account.state == "complete" {
            guard let accountIndex = stream.accounts.firstIndex(of: account.account) else {
                throw Violation("\(seen.directory): of an unknown account")
            }
            let place = AccountPlace(stream: streamIndex, account: accountIndex)
            let end = next + account.rows
            guard end <= seen.lines.count else {
                throw Violation("\(seen.directory): the accounts have more rows than there are")
            }
            try judge(
                Array(seen.lines[next..<end]), of: place, in: seen, rejects: account.rejects,
                strictness)
            next = end
        }
        guard next == seen.lines.count else {
            throw Violation("\(seen.directory): rows of no account")
        }
    }

    /// The rows of one account.
    private func judge(
        _ found: [String], of place: AccountPlace, in seen: SeenPartition, rejects: Int,
        _ strictness: Strictness
    ) throws {
        let candidates = candidates(place, window: seen.manifest.window.key)
        let name = "\(seen.directory), \(scenario.streams[place.stream].accounts[place.account])"
        if strictness == .exact {
            let present = candidates.filter { $0.record.exists(at: truth.moment) }
            let expected = present.filter { !seen.text.rejects($0.record) }.map {
                line($0, place, seen.text)
            }
            guard found == expected else {
                throw Violation(Self.difference(name, found, expected))
            }
            // An id that the provider does not know is a reject too.
            let known = Set(present.map(\.record.id))
            let dirty =
                present.count { seen.text.rejects($0.record) }
                + scenario.streams[place.stream].requestIDs.count { !known.contains($0) }
            guard rejects == dirty else {
                throw Violation("\(name): \(rejects) rejects where there are \(dirty)")
            }
            return
        }
        var byLine: [String: Int] = [:]
        for (index, candidate) in candidates.enumerated()
        where !seen.text.rejects(candidate.record) && candidate.record.born <= truth.moment {
            byLine[line(candidate, place, seen.text)] = index
        }
        var numbers: Set<Int> = []
        var previous = -1
        for line in found {
            guard let index = byLine[line] else {
                throw Violation("\(name): a row that never was: \(line)")
            }
            guard numbers.insert(candidates[index].record.number).inserted else {
                throw Violation("\(name): a record comes twice: \(line)")
            }
            guard index > previous else { throw Violation("\(name): out of order at \(line)") }
            previous = index
        }
        for candidate in candidates
        where candidate.record.born == 0 && candidate.record.died == .max
            && !seen.text.rejects(candidate.record) && !numbers.contains(candidate.record.number)
        {
            throw Violation(
                "\(name): lacks \(candidate.record.id) of \(candidate.record.milliseconds)")
        }
    }

    private static func difference(
        _ name: String, _ found: [String], _ expected: [String]
    ) -> String {
        let missing = Set(expected).subtracting(found)
        let surplus = Set(found).subtracting(expected)
        return """
            \(name): \(found.count) rows where there must be \(expected.count); missing \
            \(missing.sorted().prefix(3)), surplus \(surplus.sorted().prefix(3))
            """
    }

    private struct Candidate {
        var index: Int
        var record: SimulatedRecord
    }

    /// Every record that ever lay in a window, in the order of rows.
    private func candidates(_ place: AccountPlace, window: String) -> [Candidate] {
        var range = Int64.min...Int64.max
        if scenario.streams[place.stream].endpoint != .requestCDR {
            guard let start = scenario.start(ofWindow: window) else { return [] }
            range = start...(start + scenario.windowMilliseconds - 1)
        }
        return truth.all(of: place).enumerated().filter { range.contains($0.element.milliseconds) }
            .map { Candidate(index: $0.offset, record: $0.element) }
            .sorted { left, right in
                if left.record.milliseconds != right.record.milliseconds {
                    return left.record.milliseconds < right.record.milliseconds
                }
                return left.record.sortKey.lexicographicallyPrecedes(right.record.sortKey)
            }
    }

    private func line(_ candidate: Candidate, _ place: AccountPlace, _ text: RowText) -> String {
        let key = Key(
            place: place, index: candidate.index, format: text.format, columns: text.columns)
        if let known = lines[key] { return known }
        let account = scenario.streams[place.stream].accounts[place.account]
        let line = text.line(candidate.record, account: account)
        lines[key] = line
        return line
    }

    // MARK: - What surrounds them

    /// Run files, staging and state after a run that ended well.
    ///
    /// - Parameter isWhole: whether every window is complete, so that no journal is needed.
    func judgeSurroundings(
        _ partitions: [SeenPartition], state: String, isWhole: Bool
    ) throws {
        var listed: [String: SeenRunFile.Partition] = [:]
        var sequences: Set<Int> = []
        for file in try tree.runFiles().sorted(by: { $0.sequence < $1.sequence }) {
            guard sequences.insert(file.sequence).inserted else {
                throw Violation("two run files have the number \(file.sequence)")
            }
            for partition in file.partitions { listed[partition.directory] = partition }
        }
        for partition in partitions {
            guard let entry = listed[partition.directory] else {
                throw Violation("no run file lists \(partition.directory)")
            }
            guard entry.contentSha256 == partition.manifest.contentSha256,
                entry.rows == partition.manifest.rows, entry.files == partition.manifest.files
            else {
                throw Violation("the last run file has another version of \(partition.directory)")
            }
        }
        for directory in [tree.root + "/_staging"] + (isWhole ? [state + "/journal"] : []) {
            let left = try tree.everything(below: directory)
            guard left.isEmpty else { throw Violation("left over: \(left)") }
        }
        if isWhole, scenario.keep == "none" {
            // What was drained cannot be had again.
            let drains = scenario.streams.filter(\.isDrain).map { "/archive/\($0.name)/" }
            let left = try tree.everything(below: state + "/archive").filter { path in
                path.hasSuffix(".segment") && !drains.contains { path.contains($0) }
            }
            guard left.isEmpty else { throw Violation("not pruned: \(left)") }
        }
        for path in try tree.everything(below: state)
        where path.hasSuffix(".new") || path.hasSuffix(".unfinished") {
            throw Violation("left over: \(path)")
        }
    }
}
