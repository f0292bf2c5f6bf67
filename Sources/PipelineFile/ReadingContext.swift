/// Everything that is found while one file and the files it names are read.
///
/// One reader on one thread owns it. Equal findings are kept once, since one mistake at the top
/// level shows again in every stream that inherits it.
final class Findings {
    /// More errors than this help nobody.
    static let limit = 200

    private var seen: Set<Diagnostic> = []
    private var ordered: [Diagnostic] = []
    /// Errors so far, repeated ones included: a reader that wants to know whether its part is sound
    /// compares before and after.
    private(set) var errorCount = 0

    var hasErrors: Bool { errorCount > 0 }

    func add(_ severity: Diagnostic.Severity, _ location: SourceLocation, _ message: String) {
        if severity == .error { errorCount += 1 }
        let diagnostic = Diagnostic(severity: severity, location: location, message: message)
        guard ordered.count < Self.limit, seen.insert(diagnostic).inserted else { return }
        ordered.append(diagnostic)
    }

    /// By file (in order of their first finding), then by place.
    var diagnostics: [Diagnostic] {
        var ranks: [String: Int] = [:]
        for diagnostic in ordered where ranks[diagnostic.location.file] == nil {
            ranks[diagnostic.location.file] = ranks.count
        }
        return ordered.enumerated().sorted { left, right in
            let leftRank = ranks[left.element.location.file] ?? 0
            let rightRank = ranks[right.element.location.file] ?? 0
            if leftRank != rightRank { return leftRank < rightRank }
            if left.element.location.line != right.element.location.line
                || left.element.location.column != right.element.location.column
            {
                return left.element.location < right.element.location
            }
            return left.offset < right.offset
        }.map(\.element)
    }
}

/// What reading a value needs to know besides the value.
struct ReadingContext {
    let file: String
    /// nil where `${NAME}` means nothing: in catalog files.
    let environment: [String: String]?
    let findings: Findings

    /// A place in this file.
    func location(line: Int, column: Int) -> SourceLocation {
        SourceLocation(file: file, line: line, column: column)
    }
}
