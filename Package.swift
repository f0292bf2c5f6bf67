// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is compiled under the same strict settings; see `../shared/DESIGN.md`.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    // Generic code (the boards of BoundedDispatch) is made for its types across targets.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
    // One compiler for a module, so that no file is parsed by many.
    .unsafeFlags(
        [
            "-whole-module-optimization", "-num-threads", "2", "-disable-batch-mode",
            "-no-emit-module-separately-wmo",
        ],
        .when(configuration: .debug)),
]

/// What works on many rows is optimized in debug builds too: tests, and the program that they run,
/// take a third of the CPU time. `precondition` holds all the same.
///
/// `CDRX_FUZZ=short`: a short run of the fuzzer has no use for it.
let optimized =
    Context.environment["CDRX_FUZZ"] == "short"
    ? strict : strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]

func library(
    _ name: String, _ dependencies: [Target.Dependency] = [], _ settings: [SwiftSetting] = optimized
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.target(name: name)] + dependencies,
        swiftSettings: strict)
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

/// What `cdrx --version` calls the build: CDRX_COMMIT where there is no repository, as in a package.
let commit =
    Context.environment["CDRX_COMMIT"]
    ?? Context.gitInformation.map {
        $0.currentCommit.prefix(12) + ($0.hasUncommittedChanges ? "+" : "")
    } ?? ""

let package = Package(
    name: "cdrx",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "cdrx", targets: ["cdrx"])],
    // No Package.resolved is committed: exact versions let two people build the same program.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // Level 0: nouns, threads, C libraries.
        library("ExportModel", ["CDigest"]),
        library("BoundedDispatch"),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(name: "CDeflate", linkerSettings: [.linkedLibrary("deflate")]),
        .target(name: "CZstd", linkerSettings: [.linkedLibrary("zstd")]),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "CFileSystem"),
        .target(name: "CBuildFacts", cSettings: [.define("CDRX_COMMIT", to: "\"\(commit)\"")]),
        library("FileSystem", ["CFileSystem"]),
        .target(name: "CSocket"),
        .target(
            name: "CDigest",
            linkerSettings: [.linkedLibrary("crypto", .when(platforms: [.linux]))]),
        // Level 1
        .target(
            name: "PipelineFile", dependencies: ["ExportModel", yams],
            resources: [.embedInCode("Endpoints"), .embedInCode("Schemas")], swiftSettings: strict),
        library(
            "Compression",
            ["BoundedDispatch", "CDeflate", "CDigest", "CZlib", "CZstd", "ExportModel"]),
        library("PageDecoding", ["ExportModel", "CSimdjson"]),
        library(
            "ObjectStorage", ["BoundedDispatch", "CCurl", "CDigest", "ExportModel", "FileSystem"],
            strict),
        // Level 2
        library("Planning", ["ExportModel"]),
        library(
            "Extraction",
            ["ExportModel", "BoundedDispatch", "Compression", "PageDecoding", "CCurl"]),
        library("Transformation", ["ExportModel"]),
        library("ParquetEncoding", ["ExportModel", "Compression"]),
        library("Archive", ["ExportModel", "BoundedDispatch", "Compression", "FileSystem"]),
        library(
            "RunLedger",
            ["ExportModel", "BoundedDispatch", "Compression", "FileSystem", grdb, sqlite]),
        // Level 3
        library("PartitionFormats", ["ExportModel", "Compression", "ParquetEncoding"]),
        library(
            "Publication",
            [
                "BoundedDispatch", "CDigest", "Compression", "ExportModel", "FileSystem",
                "ObjectStorage",
            ]),
        // Level 4
        library("WarehouseSchema", ["ExportModel"], strict),
        library(
            "ExportRun",
            [
                "ExportModel", "Archive", "BoundedDispatch", "Compression", "FileSystem",
                "ObjectStorage", "PageDecoding", "ParquetEncoding", "PipelineFile", "Planning",
                "Extraction", "Transformation", "PartitionFormats", "Publication", "RunLedger",
                "WarehouseSchema",
            ], strict),
        // Level 5, and the simulator beside it.
        library("ProviderSimulator", ["ExportModel", "CSocket", "CZlib"]),
        .executableTarget(
            name: "cdrx",
            dependencies: [
                "Archive", "BoundedDispatch", "CBuildFacts", "CFileSystem", "Compression",
                "ExportModel", "ExportRun", "Extraction", "FileSystem", "ObjectStorage",
                "PageDecoding",
                "PipelineFile", "Planning", "ProviderSimulator", "Publication", "RunLedger",
                "WarehouseSchema", argumentParser, logging,
            ],
            swiftSettings: strict),
        // Tests; each imports what it is about and the nouns.
        tests("ExportModel"),
        tests("BoundedDispatch"),
        tests("FileSystem", ["TestDisk"]),
        .target(
            name: "TestDisk", dependencies: ["FileSystem"], path: "Tests/TestDisk",
            swiftSettings: optimized),
        .target(
            name: "TestStore",
            dependencies: ["BoundedDispatch", "ExportModel", "FileSystem", "ObjectStorage"],
            path: "Tests/TestStore", swiftSettings: strict),
        tests("PipelineFile", ["ExportModel"]),
        tests(
            "Archive",
            [
                "BoundedDispatch", "Compression", "ExportModel", "FileSystem", "ProviderSimulator",
                "TestDisk",
            ]),
        tests("Compression", ["CDigest"]),
        tests("PageDecoding", ["ExportModel"]),
        tests(
            "ObjectStorage",
            ["BoundedDispatch", "ExportModel", "FileSystem", "TestServer", "TestStore"]),
        .target(name: "TestServer", path: "Tests/TestServer", swiftSettings: strict),
        tests("Planning", ["ExportModel"]),
        tests(
            "Extraction",
            ["ExportModel", "BoundedDispatch", "Compression", "PageDecoding", "TestServer"]),
        tests("Transformation", ["ExportModel"]),
        tests("ParquetEncoding", ["ExportModel", "Compression"]),
        tests("RunLedger", ["ExportModel", "FileSystem", "TestDisk", grdb]),
        tests("PartitionFormats", ["ExportModel", "Compression"]),
        tests(
            "Publication",
            [
                "BoundedDispatch", "Compression", "ExportModel", "FileSystem", "ObjectStorage",
                "TestDisk", "TestStore",
            ]),
        tests("WarehouseSchema", ["ExportModel"]),
        tests(
            "ExportRun",
            [
                "Archive", "BoundedDispatch", "Compression", "ExportModel", "Extraction",
                "FileSystem", "PartitionFormats", "PipelineFile", "Planning", "Publication",
                "ObjectStorage", "RunLedger", "TestDisk", "TestStore", "WarehouseSchema",
            ]),
        tests("ProviderSimulator", ["ExportModel"]),
        tests("cdrx", ["ExportModel", "ExportRun"]),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "BoundedDispatch", "CDigest", "Compression", "ExportModel", "ExportRun",
                "Extraction", "FileSystem", "PipelineFile", "Planning", "TestDisk",
            ],
            swiftSettings: optimized),
    ],
    cxxLanguageStandard: .cxx17
)

// `CDRX_FUZZ` adds the program of Tests/fuzz/run, which needs libFuzzer.
if Context.environment["CDRX_FUZZ"] != nil {
    package.targets += [
        .target(
            name: "CFuzz", path: "Tests/fuzz/CFuzz", linkerSettings: [.linkedLibrary("simdjson")]),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Archive", "CFuzz", "Compression", "ExportModel", "Extraction", "FileSystem",
                "PageDecoding", "PipelineFile",
            ],
            path: "Tests/fuzz/Fuzz", swiftSettings: strict),
    ]
}
