import Testing

@testable import Extraction

@Suite struct LinkTargetTests {
    static let request = "https://api.example.com:443/v1/calls?page=1"

    @Test(arguments: [
        ("https://api.example.com/v1/calls?page=2", "https://api.example.com:443/v1/calls?page=2"),
        ("HTTPS://API.example.com:443/v2/x", "https://api.example.com:443/v2/x"),
        ("//api.example.com/a", "https://api.example.com:443/a"),
        (
            "/2010/Calls.json?Page=1&T=a%2Fb",
            "https://api.example.com:443/2010/Calls.json?Page=1&T=a%2Fb"
        ),
        ("?page=2", "https://api.example.com:443/v1/calls?page=2"),
        ("calls?page=2", "https://api.example.com:443/v1/calls?page=2"),
        ("../v2/./calls?q=/../x", "https://api.example.com:443/v2/calls?q=/../x"),
        ("/../../a/..", "https://api.example.com:443/"),
        ("/a#part", "https://api.example.com:443/a"),
    ])
    func aLinkOfTheSameHostIsResolved(link: String, expected: String) {
        #expect(LinkTarget.resolve(link, against: Self.request) == expected)
    }

    @Test(arguments: [
        "http://api.example.com/v1/calls", "https://api.example.com:8443/v1/calls",
        "https://example.com/v1/calls", "https://api.example.com.evil.test/v1",
        "https://api.example.com@evil.test/v1", "//evil.test/v1", "ftp://api.example.com/x",
        "javascript:alert(1)", "https:/v1", "https:\\\\evil.test", "/a b", "/a\r\nX: y", "/\u{e9}",
    ])
    func aLinkToAnotherHostIsRefused(link: String) {
        #expect(LinkTarget.resolve(link, against: Self.request) == nil)
    }

    @Test func hostsOfNumbersAreCompared() {
        let request = "http://[::1]:8080/a"
        #expect(
            LinkTarget.resolve("http://[::1]:8080/b", against: request) == "http://[::1]:8080/b")
        #expect(LinkTarget.resolve("http://[::1]/b", against: request) == nil)
        #expect(
            LinkTarget.resolve("http://127.0.0.1:80/b", against: "http://127.0.0.1/a")
                == "http://127.0.0.1/b")
    }

    /// RFC 8288, section 3.5.
    @Test(arguments: [
        (#"<https://a.test/?p=2>; rel="next""#, "https://a.test/?p=2"),
        (#"</?p=1>; rel=prev, </?p=3>; rel=next"#, "/?p=3"),
        (#"</?a=1,2;3>; title="x, y; rel=next"; rel="last NEXT""#, "/?a=1,2;3"),
        (#"</?p=2>;REL = "next""#, "/?p=2"),
    ])
    func theLinkOfARelationIsFound(header: String, expected: String) {
        #expect(LinkHeader.target(header, relation: "next") == expected)
    }

    @Test(arguments: ["", #"</a>; rel="prev""#, #"</a>; title="next""#, "/a; rel=next", "<>"])
    func noOtherLinkIsTaken(header: String) {
        #expect(LinkHeader.target(header, relation: "next") == nil)
    }
}
