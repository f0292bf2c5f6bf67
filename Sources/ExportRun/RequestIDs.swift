import ExportModel
import Foundation

/// The ids of a request list.
enum RequestIDs {
    /// Ids in the list's order, each once; blank lines are passed over.
    ///
    /// - Parameter window: takes the place of `{window}` in the file's path.
    static func load(_ list: RequestList, window: WindowKey) throws(ExportError) -> [String] {
        switch list {
        case .ids(let ids, _): return unique(ids)
        case .file(let pattern, _):
            let path = pattern.replacingOccurrences(of: "{window}", with: window.description)
            do {
                let text = try String(contentsOfFile: path, encoding: .utf8)
                return unique(
                    text.split(whereSeparator: \.isNewline).map {
                        $0.trimmingCharacters(in: .whitespaces)
                    }.filter { !$0.isEmpty })
            } catch {
                throw ExportError(
                    .configuration, code: "unreadable_request_list",
                    message: """
                        the request ids of window \(window) cannot be read from `\(path)`; \
                        write the file (one id a line, empty if there are none) and run again
                        """, cause: error)
            }
        }
    }

    private static func unique(_ ids: [String]) -> [String] {
        var seen: Set<String> = []
        return ids.filter { seen.insert($0).inserted }
    }
}
