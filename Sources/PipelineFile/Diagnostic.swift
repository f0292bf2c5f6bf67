/// A place in a text file; the first character is at 1:1.
public struct SourceLocation: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// As the reader was asked for it.
    public var file: String
    public var line: Int
    /// Counted in Unicode scalars.
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`
    public var description: String { "\(file):\(line):\(column)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A finding about a pipeline file or a file it names: what is wrong, where, and the remedy.
///
/// It never holds a credential, nor any value that came from the environment.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    public enum Severity: String, CaseIterable, Sendable {
        /// The file gives no pipeline.
        case error
        /// The pipeline is valid, but probably not what was meant.
        case warning
    }

    public var severity: Severity
    public var location: SourceLocation
    public var message: String

    public init(severity: Severity, location: SourceLocation, message: String) {
        self.severity = severity
        self.location = location
        self.message = message
    }

    /// `file:line:column: error: message`, the form that editors make a link of.
    public var description: String { "\(location): \(severity.rawValue): \(message)" }
}
