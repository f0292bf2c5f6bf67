import ExportModel
import Publication

/// How a stream's partitions are laid out in an output. All are laid out alike, and no window is
/// divided in two ways: a reader of both would count rows twice.
struct OutputLayout {
    private let output: OutputOptions
    private let stream: String

    init(_ output: OutputOptions, of stream: String) {
        self.output = output
        self.stream = stream
    }

    /// - Parameter location: of a partition that is to be published.
    /// - Throws: `output_of_other_layout`.
    func checkStream(
        of location: PartitionLocation, _ owner: any PartitionOwners
    ) throws(ExportError) {
        if let found = try publishing(try owner.otherLayout(beside: location)) {
            throw refusal(found)
        }
    }

    /// The same for what stands of the location's window.
    func checkWindow(
        of location: PartitionLocation, _ owner: any PartitionOwners
    ) throws(ExportError) {
        let found = try publishing(
            try owner.otherBuckets(of: location, count: output.buckets))
        if let found { throw refusal(found) }
    }

    private func refusal(_ found: FoundPartition) -> ExportError {
        let other = Self.text(found.layout, buckets: found.buckets)
        let asked = Self.text(output.partition, buckets: output.buckets)
        return ExportError(
            .configuration, code: .outputOfOtherLayout,
            message: """
                stream '\(stream)': \(found.path) was published with `output: {\(other)}`, and this \
                run would publish with `\(asked)`, so that readers would count rows twice; say \
                `\(other)`, name another output.path, or move the stream's directory away and run \
                `cdrx rebuild`
                """)
    }

    private static func text(_ layout: PartitionLayout, buckets: Int) -> String {
        "partition: \(layout.rawValue)" + (buckets > 1 ? ", buckets: \(buckets)" : "")
    }
}
