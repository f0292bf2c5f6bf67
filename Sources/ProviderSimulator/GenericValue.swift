import ExportModel

/// The value of a field: as the provider writes it, and what a column has to hold.
struct GenericValue {
    /// As it stands in a record; nil: the member is missing.
    var wire: JSONNode?
    /// What the column holds; nil: nothing.
    var cell: JSONNode?
    /// The text of a key.
    var text: String

    /// Whether it counts as not there.
    var isNull: Bool {
        switch wire {
        case nil: true
        case .raw("null")?: true
        default: false
        }
    }

    init(wire: JSONNode?, cell: JSONNode?, text: String = "") {
        self.wire = wire
        self.cell = cell
        self.text = text
    }

    /// Makes values of one field of one call.
    struct Maker {
        let endpoint: Endpoint
        let field: Field
        let call: Call

        /// A number in a record is text in a line of CSV.
        private var isText: Bool { endpoint.response.body == .csv }

        /// Half of the fields that are numbers come as text, whatever the document says.
        private var spelling: UInt64 {
            SeededDraw.seed(
                SeededDraw.number(of: endpoint.id), SeededDraw.number(of: field.name))
        }

        private func number(_ digits: String) -> JSONNode {
            isText || spelling & 1 == 1 ? .text(digits) : .raw(digits)
        }

        /// A moment, cut to what the field's format can say.
        func moment(_ moment: Int64) -> GenericValue {
            guard case .time(let format) = field.type else {
                return GenericValue(wire: nil, cell: nil)
            }
            let time = GenericTime(name: format.name, zone: endpoint.sourceZone)
            let written = time.text(of: moment, style: spelling >> 8)
            var exact = moment - moment % time.resolutionMilliseconds
            if format.name == "date" { exact = time.moment(written) ?? exact }
            return GenericValue(
                wire: time.isNumber ? number(written) : .text(written), cell: .raw(String(exact)),
                text: written)
        }

        /// A value that no other record of the account has in its first key.
        func key(isFirst: Bool) -> GenericValue {
            switch field.type {
            case .int, .digits, .decimal, .duration:
                let digits = String(isFirst ? CommoRecord().recordID(of: call) + call.leg : 7)
                return GenericValue(
                    wire: number(digits),
                    cell: field.type.columnType == .text ? .text(digits) : .raw(digits),
                    text: digits)
            case .time: return moment(call.time)
            case .text, .bool, .json:
                let text =
                    isFirst ? (spelling & 2 == 0 ? call.objectID : call.uuid) : "k\(call.leg)"
                return GenericValue(wire: .text(text), cell: .text(text), text: text)
            }
        }

        /// Missing, null, or one of the texts that mean nothing.
        func nothing(_ draw: inout SeededDraw) -> GenericValue {
            if !field.sentinels.isEmpty, draw.oneIn(2) {
                return GenericValue(wire: .text(draw.pick(field.sentinels)), cell: nil)
            }
            return GenericValue(wire: isText || draw.oneIn(2) ? .raw("null") : nil, cell: nil)
        }

        /// A plausible value, as text where the column is one of text.
        func value(_ draw: inout SeededDraw) -> GenericValue {
            var value = plausible(&draw)
            if field.column?.type == .text, case .raw(let digits)? = value.cell {
                value.cell = .text(digits)
            }
            return value
        }

        private func plausible(_ draw: inout SeededDraw) -> GenericValue {
            if let translation = field.translation { return translated(translation, &draw) }
            switch field.type {
            case .text:
                let text =
                    field.column == .contactName
                    ? CallPool.name(&draw) : "t\(draw.within(1...9_999))"
                return GenericValue(
                    wire: .text(text), cell: field.sentinels.contains(text) ? nil : .text(text))
            case .digits:
                let digits = String(CallPool.phoneNumber(&draw))
                return GenericValue(wire: number(digits), cell: .text(digits))
            case .int:
                let digits = String(seconds(&draw))
                return GenericValue(wire: number(digits), cell: .raw(digits))
            case .decimal(_, let scale): return decimal(scale, &draw)
            case .bool:
                let text = draw.oneIn(2) ? "true" : "false"
                return GenericValue(wire: number(text), cell: .raw(text))
            case .time: return moment(momentOfColumn(&draw))
            case .duration(let format): return duration(format, &draw)
            case .json: return json(&draw)
            }
        }

        private func seconds(_ draw: inout SeededDraw) -> Int {
            let seconds = call.seconds
            switch field.column {
            case .durationSeconds: return seconds.ring + (seconds.talk ?? 0)
            case .ringSeconds: return seconds.ring
            case .billedSeconds: return seconds.talk ?? 0
            default: return draw.within(0...3_600)
            }
        }

        private func momentOfColumn(_ draw: inout SeededDraw) -> Int64 {
            switch field.column {
            case .startedAt: call.time
            case .answeredAt: call.time + Int64(call.seconds.ring) * 1_000
            case .endedAt: call.endTime
            default: call.time + Int64(draw.within(0...600)) * 1_000
            }
        }

        private func translated(
            _ translation: Translation, _ draw: inout SeededDraw
        ) -> GenericValue {
            let known = translation.values.keys.sorted()
            let isKnown = known.isEmpty ? false : translation.others == .reject || !draw.oneIn(10)
            // A code that is no number would not be an int.
            let text = isKnown ? draw.pick(known) : field.type == .text ? "other" : "987"
            let cell: String? =
                isKnown ? translation.values[text] : translation.others == .keep ? text : nil
            let isNumber = field.type != .text && Int64(text) != nil
            return GenericValue(
                wire: isNumber ? number(text) : .text(text), cell: cell.map { .text($0) })
        }

        private func decimal(_ scale: Int, _ draw: inout SeededDraw) -> GenericValue {
            guard scale >= 2 else {
                let digits = String(draw.below(10))
                return GenericValue(wire: number(digits), cell: .raw(digits))
            }
            if scale >= 6, draw.oneIn(10) {
                let digits = draw.within(1...9)
                return GenericValue(
                    wire: number(draw.oneIn(2) ? "\(digits)e-6" : "\(digits).0E-06"),
                    cell: .raw("0.00000\(digits)"))
            }
            let digits = CallPool.hundredths(draw.within(0...999))
            return GenericValue(wire: number(digits), cell: .raw(digits))
        }

        private func duration(
            _ format: DurationFormat, _ draw: inout SeededDraw
        ) -> GenericValue {
            let whole = seconds(&draw)
            let cell = JSONNode.raw(String(whole))
            // Cut off where the column holds whole seconds.
            let rest = draw.below(1_000)
            switch format.rawValue {
            case "s":
                let text = rest % 2 == 0 ? "\(whole)" : "\(whole)." + Self.padded(rest, 3)
                return GenericValue(wire: number(text), cell: cell)
            case "ms": return GenericValue(wire: number("\(whole * 1_000 + rest)"), cell: cell)
            case "hms":
                let minutes = Self.padded(whole / 60 % 60, 2) + ":" + Self.padded(whole % 60, 2)
                let isShort = whole < 3_600 && rest % 2 == 0
                let hours = Self.padded(whole / 3_600, 2) + ":"
                return GenericValue(wire: .text(isShort ? minutes : hours + minutes), cell: cell)
            default:
                var text = "PT"
                if whole >= 3_600 { text += "\(whole / 3_600)H" }
                if whole >= 60 { text += "\(whole / 60 % 60)M" }
                text += "\(whole % 60)" + (rest % 2 == 0 ? "" : "." + Self.padded(rest, 3)) + "S"
                return GenericValue(wire: .text(text), cell: cell)
            }
        }

        private func json(_ draw: inout SeededDraw) -> GenericValue {
            guard let notes = field.notes else {
                let value = JSONNode.raw("{\"a\":[1,\"\(draw.within(1...9))\"]}")
                return GenericValue(wire: value, cell: value)
            }
            let message = draw.pick(CallPool.notes)
            let moment = call.time + 60_000
            var written = JSONNode.empty
            written.set(JSONPath([notes.message]), .text(message))
            written.set(JSONPath([notes.createdAt]), .raw(String(moment)))
            written.set(JSONPath([notes.agent]), .text("101_1111112"))
            var cell = JSONNode.empty
            cell.set(JSONPath(["message"]), .text(message))
            cell.set(JSONPath(["created_at"]), .raw(String(moment)))
            cell.set(JSONPath(["agent"]), .text("101_1111112"))
            return GenericValue(wire: .list([written]), cell: .list([cell]))
        }

        private static func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(width - digits.count, 0)) + digits
        }
    }
}
