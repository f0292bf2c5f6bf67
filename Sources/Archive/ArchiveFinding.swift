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
    /// Versions with a lost block, sorted; `place` is the block, where it is known.
    init(lost mentions: [BlockIndex.Mention], _ place: BlockPlace? = nil, in path: String? = nil) {
        self.path = path
        offset = place?.offset
        accounts = Set(mentions.map(\.account)).sorted()
        let shown = mentions.prefix(3).map { "\($0.id) of account \($0.account)" }
        let more = mentions.count > 3 ? " and \(mentions.count - 3) more" : ""
        let damage = place.map { "a block of \($0.frame.blockByteCount) bytes is damaged" }
        message = """
            \(damage ?? "blocks are damaged"), so these versions are lost and must be asked for \
            again: \(shown.joined(separator: ", "))\(more)
            """
    }
}
