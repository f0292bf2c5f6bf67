/// The bills of Commo: what each says, and how it is written.
struct CommoRecord: Sendable {
    /// What a filter can ask of a bill, and what its other fields follow from.
    struct Values {
        var isIncoming: Bool
        var callMethod: Int
        var extensionNumber: String
        var destination: String
        var userID: String
        var memberID: String
        var ringSeconds: Int
        /// nil: not answered
        var talkSeconds: Int?

        /// Whether direction, method, numbers and custom data are those asked for.
        func passes(_ filter: CallFilter) -> Bool {
            (filter.direction == 3 || isIncoming == (filter.direction == 1))
                && (filter.callMethod == 0 || filter.callMethod == Int64(callMethod))
                && (filter.extensions.isEmpty || filter.extensions.contains(extensionNumber))
                && (filter.destination == nil || filter.destination == destination)
                && (filter.userID == nil || filter.userID == userID)
                && (filter.memberID == nil || filter.memberID == memberID)
        }
    }

    /// What follows from the call alone, whoever asks. No phone in China has a number that begins
    /// with 12, or with 9 after the 021 of Shanghai.
    func values(of call: Call) -> Values {
        var draw = call.draw()
        let isIncoming = draw.oneIn(3)
        let callMethod = draw.within(0...6)
        let isBlind = callMethod == 6 || draw.oneIn(20)
        let talk = draw.oneIn(3) ? nil : CallPool.talkSeconds(&draw)
        return Values(
            isIncoming: isIncoming, callMethod: callMethod,
            extensionNumber: isBlind ? "" : String(draw.within(8_001...8_060)),
            destination: draw.oneIn(30) ? "" : "1\(draw.within(2_000_000_000...2_999_999_999))",
            userID: custom(&draw, "u"), memberID: custom(&draw, "m"),
            ringSeconds: CallPool.ringSeconds(&draw), talkSeconds: talk)
    }

    /// Fits 32 bits for ranges up to 1.8 thousand million records.
    func recordID(of call: Call) -> Int {
        call.number < Call.firstDriftNumber
            ? 20_000_000 + call.number : 2_000_000_000 + call.number - Call.firstDriftNumber
    }

    /// Writes the members in the order of the document.
    func write(_ call: Call, to writer: inout JSONWriter) {
        let values = values(of: call)
        var draw = call.draw(2)
        let answered = call.time + Int64(values.ringSeconds) * 1_000
        let length = values.ringSeconds + (values.talkSeconds ?? 0)
        writer.style = .ascii
        writer.int("id", recordID(of: call))
        writer.text("extnumber", values.extensionNumber)
        writer.text("destnumber", values.destination)
        writer.text("displaynumber", "0219\(draw.within(1_000_000...9_999_999))")
        writer.text("starttime", CommoTime.text(ofEpochMilliseconds: call.time))
        writeAnswerTime(values.talkSeconds == nil ? nil : answered, &draw, to: &writer)
        writer.text(
            "endtime", CommoTime.text(ofEpochMilliseconds: call.time + Int64(length) * 1_000))
        writer.int("duration", values.ringSeconds)
        writer.int("billsec", values.talkSeconds ?? 0)
        writer.text("direction", values.isIncoming ? "callin" : "callout")
        writer.int("callmethod", values.callMethod)
        writer.text("userid", values.userID)
        writer.text("memberid", values.memberID)
        writer.text("chengshudu", custom(&draw, "c"))
        writer.text("customuuid", draw.oneIn(3) ? CallPool.name(&draw) : "0")
        let isRecorded = values.talkSeconds != nil && !draw.oneIn(5)
        writer.text("recordfilename", isRecorded ? "\(call.objectID).wav" : "")
        writer.text("downloadip", isRecorded ? "10.0.0.\(draw.within(1...9))" : "")
        writer.raw("hangupdirection", draw.pick(["10040", "10040", "10041", "10041", "10015"]))
        writer.int("hangupcause", draw.within(10_001...10_031))
        writer.text("userkey", draw.pick(["#", "", "1", "*"]))
        if draw.oneIn(50) { writer.text("region", draw.pick(CallPool.regions)) }
    }

    /// A call without an answer has null, an empty text, or the start of 1970 at +08:00.
    private func writeAnswerTime(
        _ moment: Int64?, _ draw: inout SeededDraw, to writer: inout JSONWriter
    ) {
        if let moment {
            writer.text("answertime", CommoTime.text(ofEpochMilliseconds: moment))
        } else if draw.oneIn(2) {
            writer.raw("answertime", "null")
        } else {
            writer.text("answertime", draw.pick(["", "", "1970-01-01 08:00:00"]))
        }
    }

    /// Custom data: "0" where unset, now and then empty.
    private func custom(_ draw: inout SeededDraw, _ prefix: String) -> String {
        switch draw.below(5) {
        case 0: "\(prefix)\(draw.within(1...500))"
        case 1: draw.oneIn(4) ? "" : "0"
        default: "0"
        }
    }
}
