import ExportModel
import Foundation
import PipelineFile

/// The ids of a request list.
enum RequestIDs {
    /// Ids in the list's order, each once; blank lines are passed over.
    ///
    /// - Parameter window: takes the place of `{window}` in the file's path.
    static func load(_ list: RequestList, window: WindowKey) throws(ExportError) -> [String] {
        switch list {
        case .ids(let ids, _): return ids
        case .file(let pattern, _):
            let path = pattern.replacingOccurrences(of: "{window}", with: window.description)
            guard let bytes = try? PipelineReader.contentsOfFile(path),
                let ids = RequestIDFile.ids(in: bytes)
            else {
                throw ExportError(
                    .configuration, code: "unreadable_request_list",
                    message: """
                        the request ids of window \(window) cannot be read from `\(path)`; \
                        write the file (one id a line, empty if there are none) and run again
                        """)
            }
            return ids
        }
    }
}
