import Testing

@testable import ProviderSimulator

@Suite struct RequestFormTests {
    @Test func readsJSONNumbersExactly() throws {
        let form = try #require(
            RequestForm(
                body: Array(#"{"from":1649238593000,"token":"a\u00e9","limit":"10"}"#.utf8),
                contentType: "application/json"))
        #expect(form.int("from") == 1_649_238_593_000)
        #expect(form.text("token") == "a\u{E9}")
        #expect(form.int("limit", or: 3) == 10)
        #expect(form.int("page", or: 1) == 1)
    }

    @Test func readsMultipartWithQuotedBoundaryAndLineBreaks() throws {
        let body =
            "--a b\r\nContent-Disposition: form-data; name=\"x\"\r\n"
            + "Content-Type: text/plain\r\n\r\none\r\n\r\ntwo\r\n"
            + "--a b\r\ncontent-disposition: form-data; name=y\r\n\r\n\r\n--a b--\r\n"
        let form = try #require(
            RequestForm(
                body: Array(body.utf8), contentType: "multipart/form-data; boundary=\"a b\""))
        #expect(form.values == ["x": "one\r\n\r\ntwo", "y": ""])
    }

    @Test(arguments: [
        ("[1]", "application/json"), ("{", "application/json"), ("", "application/json"),
        ("--a", "multipart/form-data"), ("--a\r\nx", "multipart/form-data; boundary=a"),
    ])
    func otherBodiesAreNoForms(body: String, contentType: String) {
        #expect(RequestForm(body: Array(body.utf8), contentType: contentType) == nil)
    }
}
