import ExportModel
import ObjectStorage

/// The owners of partitions in an object store: a few requests for each question, however many
/// partitions there are.
struct ObjectOwners: PartitionOwners {
    let store: any ObjectStore

    /// Said at publication, which reads the manifest anyway.
    func pipeline(at location: PartitionLocation) -> String? { nil }

    /// That of the first partition.
    func pipeline(beside location: PartitionLocation) throws(PartitionError) -> String? {
        for directory in location.directoriesOfOwner {
            if let found = try first(below: directory + "/")?.manifest { return found.pipeline }
        }
        return nil
    }

    /// Buckets are looked for in the oldest window.
    func otherLayout(
        beside location: PartitionLocation
    ) throws(PartitionError) -> FoundPartition? {
        let stream = location.components[0] + "/"
        for key in location.keysOfOtherLayout {
            if let found = try first(below: stream + key) { return partition(found) }
        }
        guard location.layout == .window else { return nil }
        for key in PartitionLocation.windowKeys {
            guard let found = try first(below: stream + key).map(partition) else { continue }
            if (found.buckets > 1) != location.isOfBucket { return found }
        }
        return nil
    }

    func otherBuckets(
        of location: PartitionLocation, count: Int
    ) throws(PartitionError) -> FoundPartition? {
        guard location.layout == .window else { return nil }
        let directory = location.windowComponents.joined(separator: "/")
        let page = try asking(try store.list(directory + "/", after: nil, isFlat: false))
        let isWhole = page.objects.contains { $0.key == "\(directory)/\(Manifest.fileName)" }
        if count > 1, isWhole, let found = try read(directory) { return partition(found) }
        let buckets = page.commonPrefixes.filter {
            $0.hasPrefix("\(directory)/\(Bucket.directoryPrefix)")
        }
        // All of a window's buckets are as many as the last of them says.
        for bucket in Set([buckets.first, buckets.last].compactMap(\.self)).sorted() {
            guard let found = try read(String(bucket.dropLast())).map(partition) else { continue }
            if found.buckets != count { return found }
        }
        return nil
    }

    private typealias Found = (directory: String, manifest: Manifest?)

    /// The first partition whose keys begin so.
    private func first(below prefix: String) throws(PartitionError) -> Found? {
        let page = try asking(try store.list(prefix, after: nil, isFlat: true))
        let suffix = "/" + Manifest.fileName
        guard let key = page.objects.lazy.map(\.key).first(where: { $0.hasSuffix(suffix) }) else {
            return nil
        }
        return try read(String(key.dropLast(suffix.utf8.count)))
    }

    private func read(_ directory: String) throws(PartitionError) -> Found? {
        try StandingObjects.manifest(in: directory, of: store).map { (directory, $0.manifest) }
    }

    private func partition(_ found: Found) -> FoundPartition {
        FoundPartition(
            path: "\(store.uri)/\(found.directory)",
            layout: PartitionLocation.isOfAccount(found.directory) ? .account : .window,
            buckets: found.manifest?.bucket?.count ?? 1)
    }
}
