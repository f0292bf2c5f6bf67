import ExportModel
import Publication

/// One stream's partitions in an output are all of one layout: a reader of both would count rows
/// twice.
enum OutputLayout {
    /// - Parameter location: of a partition that is to be published.
    /// - Throws: `output_of_other_layout`.
    static func check(
        _ location: PartitionLocation, of stream: String, _ owner: PartitionOwner
    ) throws(ExportError) {
        let found = try publishing(try owner.otherLayout(beside: location))
        guard let found else { return }
        let (asked, other) = (location.layout, location.layout.other)
        throw ExportError(
            .configuration, code: .outputOfOtherLayout,
            message: """
                stream '\(stream)': \(found) was published with `output: {partition: \(other)}`, and \
                this run would publish with `partition: \(asked)`, so that readers would count rows \
                twice; say `partition: \(other)`, name another output.path, or move the stream's \
                directory away and run `cdrx rebuild`
                """)
    }
}

extension PartitionLayout {
    fileprivate var other: PartitionLayout { self == .window ? .account : .window }
}
