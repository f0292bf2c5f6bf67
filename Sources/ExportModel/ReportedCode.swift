/// A word that an error, a reject or a finding is reported by. Each is declared once, by the type
/// that reports it, together with what it means; `cdrx help CODE` prints that, and
/// `pipelines/CODES.md` lists all.
public protocol ReportedCode: RawRepresentable<String>, CaseIterable, Sendable {
    var explanation: CodeExplanation { get }
}

/// What a code means and what to do about it.
public struct CodeExplanation: Hashable, Sendable {
    /// What happened and why it matters.
    public let meaning: String
    /// What to do.
    public let remedy: String

    public init(_ meaning: String, remedy: String) {
        self.meaning = meaning
        self.remedy = remedy
    }
}
