/// How the pages of one answer follow each other.
public struct Paging: Hashable, Sendable {
    /// What asks for the page after a page.
    public enum Step: Hashable, Sendable {
        /// Its number; the first page has the number `first`.
        case page(parameter: String, first: Int)
        /// How many rows come before it, counted from `first`.
        case offset(parameter: String, first: Int)
        /// A link in the body of the page before, absolute or relative to its request.
        case next(JSONPath)
        /// The link of this relation in the `Link` header of the page before (RFC 8288).
        case link(relation: String)
        /// Values in the body of the page before, each sent as a parameter.
        case cursor([Cursor])
    }

    /// A value of one page that asks for the next.
    public struct Cursor: Hashable, Sendable {
        /// Where the page has it. A page without it, or with null or an empty text, is the last.
        public var path: JSONPath
        /// The request parameter that sends it.
        public var parameter: String

        public init(path: JSONPath, parameter: String) {
            self.path = path
            self.parameter = parameter
        }
    }

    /// A value by which the provider marks the last page.
    public struct EndMark: Hashable, Sendable {
        public var path: JSONPath
        /// Values of the last page, as text: `false`, `COMPLETED`.
        public var accepted: [String]

        public init(path: JSONPath, accepted: [String]) {
            self.path = path
            self.accepted = accepted
        }
    }

    public var step: Step
    /// The parameter that asks for so many rows a page; nil where pages have a fixed size.
    public var sizeParameter: String?
    /// Rows to ask for, or that pages have where their size is fixed.
    public var defaultSize: Int
    /// Rows a page may be asked for at most.
    public var maximumSize: Int
    /// nil: the last page is known by its missing link or cursor, or by the empty page after it.
    public var end: EndMark?

    public init(
        _ step: Step, size sizeParameter: String?, defaultSize: Int, maximumSize: Int,
        end: EndMark? = nil
    ) {
        self.step = step
        self.sizeParameter = sizeParameter
        self.defaultSize = defaultSize
        self.maximumSize = maximumSize
        self.end = end
    }

    /// Whether any page can be asked for at any time, not only after the one before it.
    public var isNumbered: Bool {
        switch step {
        case .page, .offset: true
        case .next, .link, .cursor: false
        }
    }

    /// The parameter that numbers pages or rows; nil where pages are not numbered.
    public var numberParameter: String? {
        switch step {
        case .page(let parameter, _), .offset(let parameter, _): parameter
        case .next, .link, .cursor: nil
        }
    }

    /// Names of all parameters that paging sends, in the order they are sent.
    public var parameters: [String] {
        var names = [numberParameter].compactMap { $0 }
        if case .cursor(let cursors) = step { names += cursors.map(\.parameter) }
        return names + [sizeParameter].compactMap { $0 }
    }

    /// What ``numberParameter`` says for a page, counted from 1; nil where pages are not numbered.
    public func number(ofPage page: Int, size: Int) -> Int? {
        switch step {
        case .page(_, let first): first + page - 1
        case .offset(_, let first): first + (page - 1) * size
        case .next, .link, .cursor: nil
        }
    }
}
