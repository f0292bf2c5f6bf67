/// The login calls of TeleCMI: v1 `agentLogin` and v2 `user/login`.
struct TelecmiLogin: Sendable {
    /// Of the API, which words its answers.
    enum Version: Sendable {
        case v1, v2
    }

    /// Which of the two calls it is.
    let version: Version
    /// Writes the errors.
    let reply: TelecmiReply

    /// Trades `id` and `password` for a token.
    func read(_ form: RequestForm, credentials: CredentialStore) -> ReadRequest {
        guard let id = form.text("id"), let password = form.text("password"),
            credentials.isRight(id), credentials.isRight(password)
        else {
            let text = version == .v1 ? "Invalid id or password" : "Authentication Failed"
            return .refused(reply.error(404, text))
        }
        let token = credentials.issueToken(to: id)
        return .login(success(id: id, token: token), identity: id)
    }

    private func success(id: String, token: String) -> SimulatedResponse {
        .json { writer in
            writer.object { writer in
                writer.int("code", 200)
                writer.text("msg", "Login successful")
                writer.text("token", token)
                writer.name("agent")
                writer.object { writer in
                    writer.text("id", id)
                    writer.text("inet_no", "sip:\(id)")
                    writer.text("name", "Adams")
                    if version == .v2 { writer.text("category", "inr") }
                }
            }
        }
    }
}
