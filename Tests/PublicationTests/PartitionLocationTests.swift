import ExportModel
import Testing

@testable import Publication

@Suite struct PartitionLocationTests {
    private let date = CivilDate(daysSinceEpoch: 20_776)

    @Test func windowsAreNamedAsHiveNamesPartitions() {
        let expected: [(WindowKey, String)] = [
            (.day(date), "dt=2026-11-19"),
            (.hour(date, hour: 7, isRepeated: false), "dt=2026-11-19/hour=07"),
            (.hour(date, hour: 1, isRepeated: true), "dt=2026-11-19/hour=01-repeated"),
            (.month(year: 2026, month: 11), "month=2026-11"), (.batch("ids"), "batch=ids"),
        ]
        for (key, path) in expected {
            let location = PartitionLocation(stream: "calls", account: "main", window: key)
            #expect(location.relativePath == "calls/cdrx_account=main/" + path)
        }
    }

    @Test func partitionOfAllAccountsLiesInTheStream() {
        let location = PartitionLocation(stream: "calls", account: nil, window: .day(date))
        #expect(location.relativePath == "calls/dt=2026-11-19")
        #expect(location.layout == .window)
        #expect(
            location.formerly(of: "a/b").relativePath == "calls/account=a%2Fb/dt=2026-11-19")
        let ofAccount = PartitionLocation(stream: "calls", account: "a/b", window: .day(date))
        #expect(ofAccount.layout == .account)
        #expect(ofAccount.formerly(of: "a/b") == location.formerly(of: "a/b"))
    }

    @Test func partitionOfABucketLiesInTheWindow() {
        let bucket = Bucket(holding: "main", among: 16)
        for (key, path) in [
            (WindowKey.day(date), "dt=2026-11-19"),
            (.hour(date, hour: 7, isRepeated: false), "dt=2026-11-19/hour=07"),
        ] {
            let location = PartitionLocation(
                stream: "calls", account: nil, bucket: bucket, window: key)
            #expect(location.relativePath == "calls/\(path)/\(bucket.directoryName)")
            #expect(location.windowComponents.joined(separator: "/") == "calls/\(path)")
            #expect(location.layout == .window)
            #expect(location.formerly(of: "a").relativePath == "calls/account=a/" + path)
        }
    }

    @Test(arguments: [
        ("plain-1_2@x.example", "plain-1_2@x.example"), ("a/b", "a%2Fb"), ("..", "%2E%2E"),
        ("a=b", "a%3Db"), ("100%", "100%25"), ("a\nb", "a%0Ab"), ("żółw", "żółw"),
    ])
    func namesCannotLeaveTheirDirectory(name: String, escaped: String) {
        let location = PartitionLocation(stream: name, account: name, window: .batch(name))
        #expect(location.components == [escaped, "cdrx_account=\(escaped)", "batch=\(escaped)"])
    }
}
