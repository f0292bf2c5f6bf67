import Planning

extension PlannedWindow {
    /// Whether it is made of what the archive has, and the provider is never asked. What is archived
    /// and not published is asked for again where the archive has lost it.
    var isFromArchive: Bool { reason == .outdated || reason == .rebuild }
}
