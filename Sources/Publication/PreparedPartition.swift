/// A version that is complete, durable and read back, but not visible yet.
///
/// Ends with ``publish()`` or ``abandon()``, once.
public struct PreparedPartition: Sendable {
    public let manifest: Manifest
    /// Where the version will stand.
    public let location: PartitionLocation
    let staging: Staging
    let store: any PartitionStore

    /// Makes the version visible, unless the standing one has the same content already.
    ///
    /// - Parameter rewriting: whether the standing one is replaced even so: the pipeline asks for
    ///   other files than it did.
    ///
    /// When it returns, readers see this content also after a power loss. Where it throws, they see
    /// the version before, or this one; never a mixture.
    public func publish(
        rewriting: Bool = false
    ) throws(PartitionError) -> PublishedPartition {
        let standing = try store.publish(
            manifest, from: staging, at: location, rewriting: rewriting)
        return PublishedPartition(
            changed: standing.way != nil, manifest: standing.manifest, location: location,
            way: standing.way, leftover: leftover())
    }

    /// Removes what was written; readers never saw it.
    public func abandon() throws(PartitionError) {
        try store.discard(staging)
    }

    /// Removes the staging. The partition is published whether or not this succeeds, so a failure
    /// is reported but not thrown.
    private func leftover() -> PartitionError? {
        do {
            try store.discard(staging)
            return nil
        } catch {
            return error
        }
    }
}

/// A partition that readers see.
public struct PublishedPartition: Sendable {
    /// False where the standing version had the same content and was left as it is.
    public let changed: Bool
    /// The manifest that stands now.
    public let manifest: Manifest
    public let location: PartitionLocation
    /// nil where nothing was rewritten.
    public let way: PublicationWay?
    /// Why staged files could not be removed; the next run's recovery tries again.
    public let leftover: PartitionError?

    /// What the log should say besides that the partition is published; nil for nothing.
    public var note: String? {
        if let leftover { return "left in staging: \(leftover.message)" }
        guard way == .twoRenames else { return nil }
        return "\(location.relativePath): the file system cannot exchange directories, so readers "
            + "saw no version for a moment"
    }
}
