import ExportModel
import Testing

@testable import Extraction

@Suite struct RequestBodyTests {
    @Test func jsonWritesNumbersBareAndTextQuoted() {
        let (type, body) = written(.json)
        #expect(type == "application/json")
        #expect(body == #"{"appid":1111113,"token":"a\"b\\c\n","page":1,"empty":""}"#)
    }

    @Test func formPercentEncodesEverythingButLettersDigitsAndFourSigns() {
        let (type, body) = written(.form)
        #expect(type == "application/x-www-form-urlencoded")
        #expect(body == "appid=1111113&token=a%22b%5Cc%0A&page=1&empty=")
        var form = RequestBody(encoding: .form)
        form.append("a b", text: "x&y=z+%*-._~é", as: .text)
        #expect(
            String(decoding: form.finished().bytes, as: UTF8.self)
                == "a+b=x%26y%3Dz%2B%25*-._%7E%C3%A9")
    }

    @Test func multipartHasOnePartForEachValueAndAnEnd() {
        let (type, body) = written(.multipart)
        let boundary = "cdrx-7f3c2a9e51d84b06-boundary"
        #expect(type == "multipart/form-data; boundary=\(boundary)")
        let parts = [
            ("appid", "1111113"), ("token", "a\"b\\c\n"), ("page", "1"), ("empty", ""),
        ]
        let expected = parts.map { name, value in
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        #expect(body == expected.joined() + "--\(boundary)--\r\n")
    }

    @Test func emptyBodiesAreWhole() {
        let bodies = RequestShape.BodyEncoding.allCases.map {
            String(decoding: RequestBody(encoding: $0).finished().bytes, as: UTF8.self)
        }
        #expect(bodies == ["{}", "", "--cdrx-7f3c2a9e51d84b06-boundary--\r\n"])
    }

    private func written(_ encoding: RequestShape.BodyEncoding) -> (String, String) {
        var body = RequestBody(encoding: encoding)
        body.append("appid", text: "1111113", as: .number)
        body.append("token", text: "a\"b\\c\n", as: .text)
        body.append("page", text: "1", as: .number)
        body.append("empty", text: "", as: .text)
        let (type, bytes) = body.finished()
        return (type, String(decoding: bytes, as: UTF8.self))
    }
}
