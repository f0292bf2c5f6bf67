import ExportModel
import Testing

@testable import PipelineFile

/// An output in an object store: its URI, the keys beside it, and the environment.
@Suite struct ObjectStoreReaderTests {
    /// What becomes of `output: {‹output›}` in a file that is valid besides.
    private func read(
        _ output: String, state: Bool = true, environment: [String: String] = [:],
        outputOverride: String? = nil
    ) throws -> (store: ObjectStoreLocation?, path: String?, findings: [String]) {
        let text = PipelineReaderTests.least.replacing("path: out", with: output)
        let files = FakeFiles(
            ["p.yaml": text + (state ? "\nstate: state" : "")], environment: environment)
        let result = try files.read(outputOverride: outputOverride)
        return (
            result.pipeline?.output.objectStore, result.pipeline?.output.path,
            result.diagnostics.map { String($0.description.dropFirst("p.yaml:".count)) }
        )
    }

    private func store(
        _ output: String, environment: [String: String] = [:]
    ) throws -> ObjectStoreLocation? {
        let found = try read(output, environment: environment)
        #expect(found.findings == [])
        return found.store
    }

    @Test(arguments: [
        ("s3://cdrs", "cdrs", "", "s3://cdrs"),
        ("s3://cdrs/", "cdrs", "", "s3://cdrs"),
        ("s3://cdrs/nightly", "cdrs", "nightly", "s3://cdrs/nightly"),
        ("s3://cdrs/a b/Üñ/", "cdrs", "a b/Üñ", "s3://cdrs/a b/Üñ"),
    ])
    func aURIHasABucketAndAPrefix(
        path: String, bucket: String, prefix: String, uri: String
    ) throws {
        let found = try read("path: \"\(path)\"")
        #expect(found.findings == [])
        #expect(found.store == ObjectStoreLocation(bucket: bucket, prefix: prefix))
        #expect(found.store?.uri == uri)
        #expect(found.path == uri)
    }

    @Test(arguments: [
        ("s3://", "must name a bucket, as in s3://bucket/prefix"),
        ("s3:///x", "must name a bucket, as in s3://bucket/prefix"),
        ("s3://ab", "must name a bucket of 3 to 255 letters, digits, `-`, `_` and `.`"),
        ("s3://user@host", "must name a bucket of 3 to 255 letters, digits, `-`, `_` and `.`"),
        ("s3://..a", "must name a bucket of 3 to 255 letters, digits, `-`, `_` and `.`"),
        ("s3://cdrs//x", "has an empty part, `.` or `..` in its prefix, which some readers drop"),
        (
            "s3://cdrs/x/../y",
            "has an empty part, `.` or `..` in its prefix, which some readers drop"
        ),
        ("s3://cdrs/x//", "has an empty part, `.` or `..` in its prefix, which some readers drop"),
        (
            "s3://cdrs/_hidden",
            "has a part of its prefix that begins with `_` or has a `=`, which readers of "
                + "partitions hide or take for a column"
        ),
        (
            "s3://cdrs/dt=1/x",
            "has a part of its prefix that begins with `_` or has a `=`, which readers of "
                + "partitions hide or take for a column"
        ),
        (
            "S3://cdrs",
            "is no directory, and `s3://` is the only scheme; write s3://bucket/prefix, "
                + "with the store's S3 interface as the endpoint"
        ),
        (
            "gs://cdrs",
            "is no directory, and `s3://` is the only scheme; write s3://bucket/prefix, "
                + "with https://storage.googleapis.com as the endpoint"
        ),
        (
            "file:///srv",
            "is no directory, and `s3://` is the only scheme; name a directory by its "
                + "path alone"
        ),
    ])
    func mistakesInAURIAreNamed(path: String, flaw: String) throws {
        #expect(
            try read("path: \"\(path)\"").findings == ["2:16: error: `path`: `\(path)` \(flaw)"])
        #expect(OutputRule.flaw(of: path) == flaw)
    }

    @Test func aPrefixHasALimit() throws {
        let long = "s3://cdrs/" + String(repeating: "x", count: 512)
        #expect(OutputRule.flaw(of: long) == nil)
        #expect(OutputRule.flaw(of: long + "x") == "has a prefix of more than 512 bytes")
    }

    @Test func keysBesideThePathAreTheStores() throws {
        let found = try store(
            "path: s3://cdrs/x, endpoint: https://minio.example.com:9000/, region: auto, "
                + "path_style: false, sse: aws:kms, kms_key: alias/cdrs, storage_class: STANDARD_IA"
        )
        #expect(
            found
                == ObjectStoreLocation(
                    bucket: "cdrs", prefix: "x", endpoint: "https://minio.example.com:9000",
                    region: "auto", pathStyle: false, sse: .managedKey, kmsKey: "alias/cdrs",
                    storageClass: "STANDARD_IA"))
        #expect(found?.identity == "s3://cdrs/x at https://minio.example.com:9000")
    }

    @Test(
        arguments: [
            (["AWS_ENDPOINT_URL": "https://a.example"], "https://a.example", nil),
            (
                [
                    "AWS_ENDPOINT_URL": "https://a.example",
                    "AWS_ENDPOINT_URL_S3": "https://b.example/",
                ],
                "https://b.example", nil
            ),
            (["AWS_ENDPOINT_URL_S3": "", "AWS_REGION": ""], nil, nil),
            (["AWS_DEFAULT_REGION": "eu-west-1"], nil, "eu-west-1"),
            (["AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-2"], nil, "eu-west-2"),
        ] as [([String: String], String?, String?)])
    func theEnvironmentFillsIn(
        environment: [String: String], endpoint: String?, region: String?
    ) throws {
        let found = try store("path: s3://cdrs", environment: environment)
        #expect(found?.endpoint == endpoint)
        #expect(found?.region == region)
        let stated = try store(
            "path: s3://cdrs, endpoint: https://c.example, region: mars-1", environment: environment
        )
        #expect(stated?.endpoint == "https://c.example")
        #expect(stated?.region == "mars-1")
        let argument = try ObjectStoreReader.location(of: "s3://cdrs", environment: environment)
        #expect(argument == found)
    }

    @Test(arguments: [
        ("path: s3://cdrs", false), ("path: s3://my.cdrs", true), ("path: s3://CDRs", true),
        ("path: s3://cdrs, endpoint: https://a.example", true),
        ("path: s3://cdrs, endpoint: https://a.example, path_style: false", false),
    ])
    func bucketsStandInThePathWhereTheyMust(output: String, isInPath: Bool) throws {
        #expect(try store(output)?.pathStyle == isInPath)
    }

    @Test(arguments: [
        (
            "endpoint: minio:9000",
            "37: error: `endpoint` must start with `https://` (or `http://`), then the host"
        ),
        (
            "endpoint: https://key:word@minio",
            "37: error: `endpoint` must have no user name and password; credentials come from "
                + "the environment or the files of AWS' tools"
        ),
        (
            "endpoint: http://minio:9000",
            "37: warning: `endpoint` is plain `http`, so records travel unencrypted; use `https`"
        ),
        (
            "region: eu west",
            "35: error: `region` must be the name of a region, as in `eu-central-1` or `auto`"
        ),
        ("path_style: 1", "39: error: `path_style` must be true or false, not `1`"),
        ("sse: kms", "32: error: `sse` must be AES256, aws:kms or aws:kms:dsse, not `kms`"),
        (
            "kms_key: x",
            "36: error: `kms_key` names a key of `sse: aws:kms`; add that, or remove the key"
        ),
        (
            "storage_class: DEEP_ARCHIVE",
            "42: error: `storage_class`: objects of `DEEP_ARCHIVE` cannot be read at once, and "
                + "every run reads manifests; use `GLACIER_IR`, or move old objects by a rule of "
                + "the bucket"
        ),
        ("storage_class: a b", "42: error: `storage_class` must be one word, as in `STANDARD_IA`"),
        (
            "part_bytes: 6GiB",
            "39: error: `part_bytes` must be at most `5GiB` in an object store, where a part is "
                + "written by one request"
        ),
    ])
    func mistakesBesideAURIAreNamed(key: String, finding: String) throws {
        #expect(try read("path: s3://cdrs, \(key)").findings == ["2:\(finding)"])
    }

    @Test func aKeyOfTheStoresOwnIsNoManagedKey() throws {
        #expect(
            try read("path: s3://cdrs, sse: AES256, kms_key: x").findings == [
                "2:49: error: `kms_key` names a key of `sse: aws:kms`; add that, or remove the key"
            ])
    }

    @Test func aMistakeOfTheEnvironmentNamesTheVariable() throws {
        let environment = ["AWS_ENDPOINT_URL_S3": "minio", "AWS_REGION": "eu west"]
        #expect(
            try read("path: s3://cdrs", environment: environment).findings == [
                "2:16: error: `AWS_ENDPOINT_URL_S3` of the environment must start with `https://` "
                    + "(or `http://`), then the host",
                "2:16: error: `AWS_REGION` of the environment must be the name of a region, as in "
                    + "`eu-central-1` or `auto`",
            ])
        let error = #expect(throws: ObjectStoreArgumentError.self) {
            try ObjectStoreReader.location(of: "s3://cdrs", environment: environment)
        }
        #expect(error?.message.contains("`AWS_ENDPOINT_URL_S3` of the environment") == true)
    }

    @Test func ledgerAndArchiveNeedADirectory() throws {
        let found = try read("path: s3://cdrs", state: false)
        #expect(
            found.findings == [
                "2:16: error: `state` is missing in the pipeline file: the output is in an object "
                    + "store, but ledger and archive are on a disk; give `--state DIR`, or name it, as in "
                    + "`state: /var/lib/cdrx`"
            ])
        #expect(
            try read("path: out", state: false, outputOverride: "s3://cdrs").findings.count == 1)
        #expect(try read("path: s3://cdrs", state: false, outputOverride: "out").findings == [])
    }

    @Test func theFlagNamesAStoreWithTheKeysOfTheFile() throws {
        let found = try read(
            "path: s3://cdrs, region: auto", outputOverride: "s3://other/x")
        #expect(found.store == ObjectStoreLocation(bucket: "other", prefix: "x", region: "auto"))
        let plain = try read("path: out", outputOverride: "s3://other/x")
        #expect(plain.path == "s3://other/x")
        let directory = try read("path: s3://cdrs, region: auto", outputOverride: "out")
        #expect((directory.store, directory.path) == (nil, "out"))
        #expect(directory.findings == [])
    }

    @Test func keysOfAStoreHaveNoEffectOnADirectory() throws {
        #expect(
            try read("path: out, region: auto").findings == [
                "2:29: warning: `region` has no effect where `path` is a directory"
            ])
        // One file for a store here and a directory there.
        #expect(try read("path: \"${PLACE:-out}\", region: auto").findings == [])
    }
}
