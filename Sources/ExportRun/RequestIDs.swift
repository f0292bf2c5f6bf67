import ExportModel
import Foundation
import PipelineFile
import Publication

/// The ids of a request list.
struct RequestIDs {
    /// In the list's order, each once.
    let ids: [String]

    /// Digest of the ids and their order.
    var sha256: String {
        ContentDigest.hexadecimal(of: Array(ids.joined(separator: "\n").utf8))
    }

    init(_ ids: [String]) {
        self.ids = ids
    }

    /// Reads a list; blank lines of a file are passed over. nil: another stream has the ids, see
    /// ``ParentIDs``.
    ///
    /// - Parameter window: ``WindowKey/description``; takes the place of `{window}` in the file's
    ///   path.
    init?(_ list: RequestList, window: String) throws(ExportError) {
        switch list {
        case .forEach: return nil
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

}
