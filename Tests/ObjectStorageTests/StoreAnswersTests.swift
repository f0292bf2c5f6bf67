import ExportModel
import Testing

@testable import ObjectStorage

/// What is read from answers, and where requests go. Pure.
@Suite struct StoreAnswersTests {
    @Test func aListWithEncodedKeys() throws {
        let page = try #require(
            Self.page(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
                <Name>bucket</Name><Prefix>p/</Prefix><EncodingType>url</EncodingType>
                <IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b=</NextContinuationToken>
                <Contents><Key>p/dt%3D1/a+b%2Bc%26.csv</Key><Size>12</Size><ETag>&quot;e1&quot;</ETag>
                <LastModified>2026-11-22T04:00:00.538Z</LastModified></Contents>
                <Contents><Key>p/e</Key><Size>0</Size><ETag>e2</ETag>
                <LastModified>2026-11-22T04:00:00Z</LastModified><Owner/></Contents>
                <CommonPrefixes><Prefix>p/x/</Prefix></CommonPrefixes></ListBucketResult>
                """))
        #expect(page.next == "a&b=")
        #expect(page.commonPrefixes == ["x/"])
        #expect(page.objects.map(\.key) == ["dt=1/a b+c&.csv", "e"])
        #expect(page.objects.map(\.byteCount) == [12, 0])
        #expect(page.objects.map(\.etag.text) == ["e1", "e2"])
        #expect(page.objects.map(\.lastModified) == [testMoment + 538, testMoment])
    }

    /// Some stores do not know `encoding-type`.
    @Test func keysThatAreNotEncodedStayAsTheyAre() {
        let page = Self.page(Self.list("<Key>p/a+b%20&lt;</Key>"))
        #expect(page?.objects.map(\.key) == ["a+b%20<"])
    }

    @Test(arguments: [
        "<Key>else/a</Key>", "<Name>p/a</Name>",
    ]) func aKeyElsewhereOrNoneIsNoList(key: String) {
        #expect(Self.page(Self.list(key)) == nil)
    }

    /// Or the rest would be lost.
    @Test func aCutListWithoutTokenIsNoList() {
        #expect(
            Self.page("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>") == nil
        )
        #expect(
            Self.page("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>")
                != nil)
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a><b></a></b>", "<!DOCTYPE html><a></a>",
        "<a>&unknown;</a>",
        "<a>&#xD800;</a>", "<a", String(repeating: "<a>", count: 20),
    ]) func whatIsNoXMLIsRefused(text: String) {
        #expect(XMLElement(Array(text.utf8)) == nil)
    }

    /// Whatever comes: a list, or none; never a trap, and no key from elsewhere.
    @Test func damagedListsAreReadOrRefused() {
        let seed = UInt64.random(in: 0 ... .max)
        var draw = SplitMix(state: seed)
        let whole = Array(Self.list("<Key>p/a&amp;b</Key>").utf8)
        for _ in 0..<3_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &draw) {
                let place = Int.random(in: 0..<bytes.count, using: &draw)
                switch Int.random(in: 0..<3, using: &draw) {
                case 0: bytes[place] = UInt8.random(in: 0 ... .max, using: &draw)
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
                }
            }
            let answer = StoreAnswer(status: 200, headers: [:], body: bytes)
            guard let page = ObjectPage(answer, below: "p/") else { continue }
            #expect(page.objects.count <= 2, "seed \(seed)")
        }
    }

    @Test func entitiesStandForTheirCharacters() {
        let element = XMLElement(
            Array("<s:a x='1'>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</s:a>".utf8))
        #expect(element?.name == "a")
        #expect(element?.text == "<>&\"'AB")
    }

    @Test(arguments: [
        ("2026-11-22T04:00:00Z", testMoment), ("2026-11-22T04:00:00.5Z", testMoment + 500),
        ("2026-11-22T04:00:00.123456Z", testMoment + 123),
        ("2026-11-22T04:00:00+00:00", testMoment), ("2026-11-22T04:00:00", nil),
        ("2026-11-22T04:00:00+01:00", nil), ("", nil), ("2026-11-31T04:00:00Z", nil),
    ]) func times(text: String, value: Int64?) {
        #expect(StoreTime.epochMilliseconds(text) == value)
    }

    @Test(arguments: [
        (nil, "us-east-1", false, "https://bucket.s3.us-east-1.amazonaws.com/k%20y"),
        (nil, "eu-west-3", true, "https://s3.eu-west-3.amazonaws.com/bucket/k%20y"),
        (nil, "cn-north-1", false, "https://bucket.s3.cn-north-1.amazonaws.com.cn/k%20y"),
        ("http://127.0.0.1:9000", "x", true, "http://127.0.0.1:9000/bucket/k%20y"),
        ("https://Store.example:443/", "x", false, "https://bucket.store.example/k%20y"),
        ("http://h:80/s3/v1", "x", true, "http://h/s3/v1/bucket/k%20y"),
        ("http://[::1]:9000", "x", true, "http://[::1]:9000/bucket/k%20y"),
    ]) func addresses(endpoint: String?, region: String, pathStyle: Bool, url: String) {
        let location = ObjectStoreLocation(
            bucket: "bucket", endpoint: endpoint, pathStyle: pathStyle)
        let address = StoreAddress(location, endpoint: nil, region: region)
        #expect(address.url(path: address.path(of: "k y"), query: "") == url)
    }

    @Test func aDottedBucketIsInThePath() {
        let address = StoreAddress(
            ObjectStoreLocation(bucket: "a.b"), endpoint: nil, region: "us-east-1")
        #expect(address.host == "s3.us-east-1.amazonaws.com")
        #expect(address.path(of: nil) == "/a.b")
        let shared = StoreAddress(
            ObjectStoreLocation(bucket: "ab"), endpoint: "http://store:9000", region: "us-east-1")
        #expect(shared.url(path: shared.path(of: nil), query: "x=1") == "http://store:9000/ab?x=1")
    }

    private static func list(_ key: String) -> String {
        "<ListBucketResult><Contents>\(key)<Size>1</Size><ETag>e</ETag>"
            + "<LastModified>2026-11-22T04:00:00Z</LastModified></Contents></ListBucketResult>"
    }

    private static func page(_ body: String) -> ObjectPage? {
        ObjectPage(StoreAnswer(status: 200, headers: [:], body: Array(body.utf8)), below: "p/")
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
