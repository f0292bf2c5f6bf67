import ExportModel

/// A generated record with the fields of a catalog entry.
struct GenericRecord {
    /// The entry whose fields are written.
    let endpoint: Endpoint

    /// Every field of the entry in its order; optional ones are missing, or say nothing, now and
    /// then.
    func write(_ call: Call, to writer: inout JSONWriter) {
        var draw = call.draw()
        for field in endpoint.fields {
            if field.name == endpoint.timeField {
                writeMoment(field, call.time, to: &writer)
            } else if endpoint.key.contains(field.name) {
                writeKey(field, call, to: &writer)
            } else if !field.isRequired, draw.oneIn(8) {
                writeNothing(field, &draw, to: &writer)
            } else {
                write(field, call, &draw, to: &writer)
            }
        }
        if draw.oneIn(50) { writer.text("region", draw.pick(CallPool.regions)) }
    }

    /// The value of the first key field.
    func identifier(of call: Call) -> String {
        let field = endpoint.fields.first { $0.name == endpoint.key.first }
        switch field?.type {
        case .int, .digits: return String(number(call))
        case .time, nil: return String(call.leg)
        default: return call.objectID
        }
    }

    private func number(_ call: Call) -> Int {
        CommoRecord().recordID(of: call) + call.leg
    }

    private func writeKey(_ field: Field, _ call: Call, to writer: inout JSONWriter) {
        switch field.type {
        case .int, .digits, .decimal, .duration: writer.int(field.name, number(call))
        case .time: writeMoment(field, call.time, to: &writer)
        case .text, .bool, .json: writer.text(field.name, call.objectID)
        }
    }

    private func writeMoment(_ field: Field, _ moment: Int64, to writer: inout JSONWriter) {
        guard field.type == .localDateTime else {
            writer.int(field.name, moment)
            return
        }
        let offset = GenericZone.offset(endpoint.sourceZone, atEpochSeconds: moment / 1_000)
        writer.text(
            field.name,
            CommoTime.text(ofEpochMilliseconds: moment, offsetSeconds: offset))
    }

    private func writeNothing(
        _ field: Field, _ draw: inout SeededDraw, to writer: inout JSONWriter
    ) {
        guard !field.sentinels.isEmpty, draw.oneIn(2) else { return }
        writer.text(field.name, draw.pick(field.sentinels))
    }

    private func write(
        _ field: Field, _ call: Call, _ draw: inout SeededDraw, to writer: inout JSONWriter
    ) {
        if let values = field.translation?.values.keys.sorted(), !values.isEmpty {
            writer.text(field.name, draw.pick(values))
            return
        }
        switch field.type {
        case .text where field.column == .contactName:
            writer.text(field.name, CallPool.name(&draw))
        case .text: writer.text(field.name, "t\(draw.within(1...9_999))")
        case .digits: writer.int(field.name, CallPool.phoneNumber(&draw))
        case .int, .duration: writer.int(field.name, draw.within(0...3_600))
        case .decimal(_, let scale):
            writer.text(
                field.name,
                scale >= 2 ? CallPool.hundredths(draw.within(0...999)) : "\(draw.within(0...9))")
        case .bool: writer.text(field.name, draw.oneIn(2) ? "true" : "false")
        case .time:
            writeMoment(field, call.time + Int64(draw.within(0...600)) * 1_000, to: &writer)
        case .json: writeJSON(field, call, &draw, to: &writer)
        }
    }

    private func writeJSON(
        _ field: Field, _ call: Call, _ draw: inout SeededDraw, to writer: inout JSONWriter
    ) {
        guard let notes = field.notes else {
            writer.raw(field.name, "{\"a\":[1,\"\(draw.within(1...9))\"]}")
            return
        }
        let message = draw.pick(CallPool.notes)
        writer.name(field.name)
        writer.array { writer in
            writer.object { writer in
                writer.text(notes.message, message)
                writer.int(notes.createdAt, call.time + 60_000)
                writer.text(notes.agent, "101_1111112")
            }
        }
    }
}
