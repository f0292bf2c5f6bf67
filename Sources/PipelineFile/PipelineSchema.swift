/// The JSON Schema of pipeline files, for editors.
public enum PipelineSchema {
    /// As modelines name it.
    public static let fileName = "pipeline.schema.json"

    /// `pipelines/pipeline.schema.json`, as it was when the program was built.
    public static var bytes: [UInt8] { PackageResources.pipeline_schema_json }
}
