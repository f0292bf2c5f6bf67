import Archive
import ExportModel
import Extraction
import Publication
import RunLedger

extension PartitionRun {
    /// Makes the partition visible and records it, or says why not.
    func publish(_ ends: [AccountEnd]) -> FinishedPartition {
        var ends = ends
        var result: PartitionResult?
        let made = takeMade(ends)
        do throws(ExportError) {
            if let failure = made.failure { throw failure }
            if let build = made.build { result = try publish(build, made.members, &ends) }
        } catch {
            made.build?.abandon()
            for index in ends.indices where ends[index].version != nil {
                ends[index].end(by: error)
            }
        }
        record(failuresOf: ends)
        for end in ends { end.observer?.settle(rows: end.result.rows) }
        return FinishedPartition(
            windows: ends.map { ($0.index, $0.result) }, partition: result)
    }

    private func publish(
        _ build: PartitionBuild, _ members: [PartitionMember], _ ends: inout [AccountEnd]
    ) throws(ExportError) -> PartitionResult {
        let standing = try storing(try shared.ledger.partition(identity)?.published)
        let isOutdated =
            standing.map { $0.fingerprint != shared.fingerprints[stream.name] } ?? false
        let (published, rowChanges) = try build.publish(rewriting: isOutdated)
        try record(published, members, replacing: standing, rowChanges)
        shared.environment.onReaching(.publicationRecorded)
        do throws(ExportError) {
            try tidyArchive(members)
        } catch {
            // The partition is published and recorded all the same.
            report(
                .archiveNotTidied,
                "superseded versions stay in the archive until it is made anew: \(error.message)",
                [(.code, .text(error.code))])
        }
        shared.environment.onReaching(.partitionDone)
        for index in ends.indices {
            guard let version = ends[index].version else { continue }
            let member = members.first { $0.account == ends[index].account }
            ends[index].publish(
                published, version, member?.summary, members.count == 1 ? rowChanges : nil)
        }
        return PartitionResult(published, of: account, rowChanges)
    }

    // MARK: - Records

    private func record(
        _ published: PublishedPartition, _ members: [PartitionMember],
        replacing standing: PartitionOutcome?, _ rowChanges: RowChanges?
    ) throws(ExportError) {
        let manifest = published.manifest
        let isKnown = !published.changed && standing.map { $0.holds(manifest) } ?? false
        let outcome = PartitionOutcome(
            // The run whose run file lists the content. That is this one too where a killed run
            // published it and could not record it.
            runID: isKnown ? standing?.runID ?? shared.runID : shared.runID,
            publishedAt: shared.environment.clock.now(),
            directory: published.location.relativePath, rows: manifest.rows,
            rejects: manifest.rejects,
            byteCount: manifest.files.reduce(0) { $0 + Int64($1.bytes) },
            lateRows: rowChanges?.late ?? 0, changedRows: rowChanges?.changed ?? 0,
            fingerprint: shared.fingerprints[stream.name] ?? "",
            contentSHA256: manifest.contentSHA256,
            isComplete: manifest.complete, accountCount: members.count { !$0.isMissing },
            missingCount: members.count(where: \.isMissing))
        let archived = members.compactMap { member in
            member.newOutcome(shared.runID).map { (entry(of: member.account), $0) }
        }
        let accounts = members.compactMap { member in
            member.versionID.map { (entry(of: member.account), $0) }
        }
        let incomplete = members.compactMap { member in
            member.failure(shared).map { (entry(of: member.account), $0) }
        }
        let forgotten = try storing(
            try shared.ledger.markPublished(
                identity, window: window, outcome, archived: archived, accounts: accounts,
                incomplete: incomplete, by: shared.runID))
        // The ledger says now that this run's file lists it, whatever fails from here on.
        if !isKnown { shared.manifests.add(published) }
        for partition in forgotten {
            try storing(
                try RowDigestFile.remove(
                    in: shared.ledger.directory, of: partition, disk: shared.environment.disk))
        }
        let kept = KeptRejects(shared.ledger.directory, disk: shared.environment.disk)
        for member in members {
            guard let end = member.end, let version = end.version else { continue }
            if let digest = version.end?.requestListSHA256 {
                // What was made of the archive was not compared with its parent.
                let parent = isFromArchive(end.account) ? nil : stream.requests?.parent?.stream
                try storing(
                    try shared.ledger.markRequestList(
                        digest, of: end.entry.identity, from: parent))
            }
            try storing(try kept.remove(of: end.entry.identity))
        }
        if let note = published.note { report(.partitionNoted, note) }
        if let gone = rowChanges?.gone, gone > 0 {
            report(
                .rowsGone,
                """
                \(gone) published \(gone == 1 ? "row is" : "rows are") gone at the provider, and so \
                from the partition now
                """, [(.goneRows, .count(gone))])
        }
    }

    /// Failures that no publication recorded. What is made of the archive is no attempt.
    private func record(failuresOf ends: [AccountEnd]) {
        let ends = ends.filter { !isFromArchive($0.account) }
        let failures = ends.compactMap { end in end.failure.map { (end.entry, $0) } }
        let interrupted = ends.filter { !$0.hasEnded }.map(\.entry)
        do {
            if !failures.isEmpty { try shared.ledger.markFailed(failures) }
            if !interrupted.isEmpty {
                try shared.ledger.markInterrupted(
                    interrupted, runID: shared.runID, at: shared.environment.clock.now())
            }
        } catch {
            report(
                .endsNotRecorded,
                "what became of its windows could not be recorded: \(error.message)",
                [(.code, .text(error.code))])
        }
    }

    private func report(
        _ name: RunEvent.Name, _ message: String,
        _ fields: [(name: RunEvent.Field, value: RunEvent.Value)] = []
    ) {
        shared.events.report(RunEvent(name, of: subject, message, fields))
    }

    /// Removes what the published versions superseded from the archive, which other partitions of
    /// the window may share.
    private func tidyArchive(_ members: [PartitionMember]) throws(ExportError) {
        // All that was ever drained counts.
        if stream.isDrain { return }
        let archive = try archive()
        let held = members.filter { $0.versionID != nil }
        let isAnySuperseded = held.contains { member in
            archive.versions(of: member.account).first?.id != member.versionID
        }
        if !isAnySuperseded { return }
        // Other partitions may be archiving their accounts just now.
        try archiving(
            try archive.compact(
                keeping: Set(held.compactMap(\.versionID)), of: Set(held.map(\.account))))
    }
}

extension AccountEnd {
    /// What the ledger keeps of a new version; nil without one.
    var outcome: ArchivedOutcome? {
        version.flatMap { version in
            summary.map { ArchivedOutcome(version, $0, runID: runID) }
        }
    }

    /// Notes that the partition holds the account's new version.
    mutating func publish(
        _ published: PublishedPartition, _ version: ArchivedVersion, _ seen: AccountSummary?,
        _ rowChanges: RowChanges?
    ) {
        result.status = published.changed ? .published : .unchanged
        result.directory = published.location.relativePath
        if let summary = seen ?? summary { result.fill(from: summary) }
        result.rowChanges = rowChanges
        if let mismatch = version.end?.mismatch {
            result.status = .unreconciled
            result.failure = WindowResult.Failure(
                kind: mismatch.kind, code: mismatch.code, message: mismatch.message)
        }
    }

    /// Notes why the partition was not published although the account's new version is archived.
    mutating func end(by error: ExportError) {
        switch error.kind {
        case .interrupted: result.status = .interrupted
        default:
            if error.code != ExportError.waitingCode { fail(error) }
        }
    }
}

extension PartitionMember {
    /// The archived version that the partition holds; nil where the account is missing.
    var versionID: String? {
        if case .version(let version) = content { version.id } else { nil }
    }

    /// What the ledger does not know yet of the account; nil where nothing is new.
    fileprivate func newOutcome(_ runID: String) -> ArchivedOutcome? {
        guard case .version(let version) = content, let summary,
            end?.version != nil || record?.publishedVersionID != version.id
        else { return nil }
        return ArchivedOutcome(version, summary, runID: runID)
    }

    /// Why the account's window is not complete although the partition holds it.
    fileprivate func failure(_ shared: RunShared) -> FailureRecord? {
        guard case .version(let version) = content else { return nil }
        guard let end else { return record?.state == .complete ? nil : record?.failure }
        guard end.version != nil, let mismatch = version.end?.mismatch else { return end.failure }
        return FailureRecord(
            runID: shared.runID, failedAt: shared.environment.clock.now(), kind: mismatch.kind,
            code: mismatch.code, message: mismatch.message)
    }
}

extension ArchivedOutcome {
    fileprivate init(_ version: ArchivedVersion, _ summary: AccountSummary, runID: String) {
        self.init(
            versionID: version.id, rows: summary.rowCount, rejects: summary.rejectCount,
            duplicates: summary.counts.duplicates, outsideWindow: summary.counts.outsideWindow,
            reportedTotal: summary.counts.reportedTotal, requests: version.end?.requestCount ?? 0,
            archivedAt: version.end?.extractedAt ?? Timestamp(epochMilliseconds: 0), runID: runID)
    }
}

extension WindowResult {
    fileprivate mutating func fill(from summary: AccountSummary) {
        rows = summary.rowCount
        rejects = summary.rejectCount
        rejectReasons = summary.rejects.reasons
        absentFields = summary.absentFields.names
        duplicates = summary.counts.duplicates
        outsideWindow = summary.counts.outsideWindow
        trailingCommaPages = summary.counts.trailingCommaPages
    }
}

extension PartitionOutcome {
    /// Whether the ledger recorded the content that a manifest describes.
    func holds(_ manifest: Manifest) -> Bool {
        rows == manifest.rows && rejects == manifest.rejects && isComplete == manifest.complete
            && contentSHA256 == manifest.contentSHA256
    }
}
