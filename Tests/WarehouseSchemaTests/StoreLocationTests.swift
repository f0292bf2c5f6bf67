import ExportModel
import Testing

@testable import WarehouseSchema

/// Where warehouses find an output in an object store.
@Suite struct StoreLocationTests {
    private static let amazon = ObjectStoreLocation(
        bucket: "cdrs", prefix: "nightly é%", region: "eu-west-1")
    private static let minio = ObjectStoreLocation(
        bucket: "cdrs", prefix: "x", endpoint: "http://127.0.0.1:9000", pathStyle: true)
    private static let google = ObjectStoreLocation(
        bucket: "cdrs", endpoint: "https://storage.googleapis.com", pathStyle: true)

    @Test(arguments: [
        (Dialect.duckdb, amazon, "s3://cdrs/nightly é%"),
        (.spark, minio, "s3a://cdrs/x"),
        (.redshift, amazon, "s3://cdrs/nightly é%"),
        (.bigquery, google, "gs://cdrs"),
        (.clickhouse, amazon, "https://cdrs.s3.eu-west-1.amazonaws.com/nightly%20%C3%A9%25"),
        (.clickhouse, minio, "http://127.0.0.1:9000/cdrs/x"),
        (.clickhouse, google, "https://storage.googleapis.com/cdrs"),
        (.clickhouse, ObjectStoreLocation(bucket: "cdrs"), "https://cdrs.s3.amazonaws.com"),
    ])
    func pathsBeginAsTheWarehouseWritesThem(
        dialect: Dialect, store: ObjectStoreLocation, expected: String
    ) throws {
        #expect(try dialect.location(of: store) == expected)
    }

    @Test(arguments: [
        (Dialect.postgres, amazon, "--location DIR"), (.snowflake, amazon, "--location @cdrx"),
        (.redshift, minio, "Amazon S3 only"), (.bigquery, amazon, "gs://bucket/prefix"),
    ])
    func whatCannotReadItSaysAnotherWay(
        dialect: Dialect, store: ObjectStoreLocation, remedy: String
    ) throws {
        let error = #expect(throws: WarehouseError.self) { try dialect.location(of: store) }
        #expect(error?.reason == .storeNotReadable)
        #expect(error?.message.contains(remedy) == true)
    }

    @Test func duckDBIsToldOfTheStoreAndOfNoSecret() {
        #expect(
            Dialect.duckdb.settings(reading: Self.minio) == [
                "CREATE OR REPLACE TEMPORARY SECRET cdrx_load (TYPE s3, PROVIDER "
                    + "credential_chain, SCOPE 's3://cdrs/x', ENDPOINT '127.0.0.1:9000', "
                    + "USE_SSL false, URL_STYLE 'path');"
            ])
        #expect(
            Dialect.duckdb.settings(reading: Self.amazon) == [
                "CREATE OR REPLACE TEMPORARY SECRET cdrx_load (TYPE s3, PROVIDER "
                    + "credential_chain, SCOPE 's3://cdrs/nightly é%', REGION 'eu-west-1');"
            ])
        #expect(Dialect.clickhouse.settings(reading: Self.minio) == [])
    }
}
