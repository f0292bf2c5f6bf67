import ExportModel
import Foundation
import PipelineFile
import Planning
import Publication
import RunLedger

/// The ids of a request list.
struct RequestIDs {
    /// In the list's order, each once.
    let ids: [String]

    /// Digest of the ids and their order.
    var sha256: String {
        ContentDigest.hexadecimal(of: Array(ids.joined(separator: "\n").utf8))
    }

    /// Reads a list; blank lines of a file are passed over.
    ///
    /// - Parameter window: ``WindowKey/description``; takes the place of `{window}` in the file's
    ///   path.
    init(_ list: RequestList, window: String) throws(ExportError) {
        switch list {
        case .ids(let ids, _): self.ids = ids
        case .file(let pattern, _):
            let path = pattern.replacingOccurrences(of: "{window}", with: window)
            guard let bytes = try? PipelineReader.contentsOfFile(path),
                let ids = RequestIDFile.ids(in: bytes)
            else {
                throw ExportError(
                    .configuration, code: .unreadableRequestList,
                    message: """
                        the request ids of window \(window) cannot be read from `\(path)`; \
                        write the file (one id a line, empty if there are none) and run again
                        """)
            }
            self.ids = ids
        }
    }

    /// The complete windows whose list is another one than they were completed with: stream →
    /// account → ``WindowKey/description``. A list that cannot be read any more changes nothing.
    static func changed(
        of pipeline: Pipeline, facts: [String: StreamFacts], ledger: Ledger
    ) throws(ExportError) -> [String: [String: Set<String>]] {
        var changed: [String: [String: Set<String>]] = [:]
        for stream in pipeline.streams {
            guard let list = stream.requests else { continue }
            var digests: [String: String] = [:]
            for (account, window) in facts[stream.name]?.completeWindows ?? [] {
                if digests[window] == nil {
                    digests[window] = (try? RequestIDs(list, window: window))?.sha256
                }
                guard let digest = digests[window] else { continue }
                let identity = WindowIdentity(
                    pipeline: pipeline.name, stream: stream.name, account: account,
                    window: window)
                let known = try storing(try ledger.requestList(of: identity))
                if known == digest { continue }
                changed[stream.name, default: [:]][account, default: []].insert(window)
            }
        }
        return changed
    }
}

extension StreamFacts {
    fileprivate var completeWindows: [(account: String, window: String)] {
        var found: [(account: String, window: String)] = []
        forEach { account, window, facts in
            if facts.state == .complete { found.append((account, window)) }
        }
        return found
    }
}
