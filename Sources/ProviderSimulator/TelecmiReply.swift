/// The bodies that TeleCMI and PIOPIY share.
struct TelecmiReply: Sendable {
    /// ``SimulatorOptions/repeatsCodeAsStatus``
    let repeatsCodeAsStatus: Bool
    /// Where the text of an error stands: `msg`, at the v2 user calls `message`.
    var textName = "msg"

    /// `{"error":true,"code":…,"msg":…}`
    func error(_ code: Int, _ text: String) -> SimulatedResponse {
        .json(status: repeatsCodeAsStatus ? code : 200) { writer in
            writer.object { writer in
                writer.raw("error", "true")
                writer.int("code", code)
                writer.text(textName, text)
            }
        }
    }

    /// `{"total":…,"cdr":[…],"code":200}`
    func list(totalName: String, total: Int?, rows: [[UInt8]]) -> SimulatedResponse {
        .json { writer in
            writer.object { writer in
                if let total { writer.int(totalName, total) }
                writer.name("cdr")
                writer.array { writer in
                    for row in rows { writer.element(json: row) }
                }
                writer.int("code", 200)
            }
        }
    }

    /// A failure that passes, as the recordings' call answers it.
    func failure() -> SimulatedResponse {
        error(502, "Internal Server Error")
    }
}
