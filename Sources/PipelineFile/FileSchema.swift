/// The JSON Schemas of the files that a user writes, for editors.
public enum FileSchema: CaseIterable, Sendable {
    /// Of pipeline files.
    case pipeline
    /// Of endpoint files.
    case endpoint

    /// As modelines name it.
    public var fileName: String {
        switch self {
        case .pipeline: "pipeline.schema.json"
        case .endpoint: "endpoint.schema.json"
        }
    }

    /// The file of this name in `pipelines/`, as it was when the program was built.
    public var bytes: [UInt8] {
        switch self {
        case .pipeline: PackageResources.pipeline_schema_json
        case .endpoint: PackageResources.endpoint_schema_json
        }
    }
}
