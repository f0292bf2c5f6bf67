/// What a store says when it refuses.
struct StoreRefusal: CustomStringConvertible {
    /// As in `NoSuchBucket`; nil where the answer has none, as to HEAD.
    private(set) var code: String?
    /// The store's own words, in one line.
    private var words: String?
    /// Where the bucket is, if the store says so.
    private var region: String?
    private let status: Int

    init(_ answer: StoreAnswer) {
        status = answer.status
        region = answer.headers["x-amz-bucket-region"]
        guard !answer.isSuccess, let root = XMLElement(answer.body) else { return }
        // STS has an element around it.
        let element = root["Error"] ?? root
        guard element.name == "Error" else { return }
        code = element.text("Code").map(Self.line)
        words = element.text("Message").map(Self.line)
        region = region ?? element.text("Region").map(Self.line)
    }

    /// `HTTP status 403 AccessDenied (Access Denied)`
    var description: String {
        let detail = [code, words.map { "(\($0))" }].compactMap { $0 }.joined(separator: " ")
        return "HTTP status \(status)" + (detail.isEmpty ? "" : " " + detail)
    }

    func error(
        _ code: ObjectStorageError.Code, _ request: StoreRequest, _ remedy: String? = nil
    ) -> ObjectStorageError {
        ObjectStorageError(code, "\(request): \(self)" + (remedy.map { "; " + $0 } ?? ""))
    }

    /// What no repetition mends.
    func lasting(to request: StoreRequest, credentials: String) -> ObjectStorageError {
        if let region, [301, 307, 400].contains(status) {
            return error(.refused, request, "the bucket is in the region \(region): set `region`")
        }
        switch (status, code) {
        case (_, "NoSuchBucket"):
            return error(.noBucket, request, "check bucket, endpoint and region, or create it")
        case (_, "SignatureDoesNotMatch"):
            return error(
                .accessDenied, request, "the secret key is wrong; credentials: \(credentials)")
        case (_, "InvalidAccessKeyId"):
            return error(.accessDenied, request, "the key is unknown; credentials: \(credentials)")
        case (_, "RequestTimeTooSkewed"):
            return error(.skewed, request, "set this machine's clock")
        case (401, _), (403, _):
            return error(.accessDenied, request, "credentials: \(credentials)")
        // `If-Match` where there is nothing.
        case (412, _), (404, "NoSuchKey"):
            return error(.conditionFailed, request, "another writer was there")
        case (413, _), (_, "EntityTooLarge"):
            return error(.tooLarge, request, "cut the windows smaller")
        case (_, nil) where status != 501 && status != 507:
            return error(.unreadable, request, "what answers is no S3; check `endpoint`")
        default: return error(.refused, request)
        }
    }

    /// Without what would disturb a terminal, and not longer than some lines.
    private static func line(_ text: String) -> String {
        let words = text.unicodeScalars.split {
            $0.properties.generalCategory == .control || $0 == " "
        }
        return String(words.map(String.init).joined(separator: " ").prefix(300))
    }
}
