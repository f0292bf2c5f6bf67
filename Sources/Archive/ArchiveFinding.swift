/// Something of a window's archive that cannot be read.
public struct ArchiveFinding: Hashable, Sendable, CustomStringConvertible {
    /// The segment; nil where no file is to blame.
    public var path: String?
    /// Where in the file the damage begins.
    public var offset: Int?
    /// Whose versions are affected, as far as it is known.
    public var accounts: [String] = []
    public var message: String

    /// In one line.
    public var description: String {
        (path.map { "\($0) at byte \(offset ?? 0): " } ?? "") + message
    }
}

extension ArchiveFinding {
    /// A version with a lost block.
    init(lost mention: BlockIndex.Mention) {
        accounts = [mention.account]
        message = """
            version \(mention.id) of account \(mention.account) is lost with a damaged block; its \
            window is asked for again
            """
    }
}
