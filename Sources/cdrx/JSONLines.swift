import ExportModel

/// JSON objects, one a line, printed in large pieces.
struct JSONLines {
    private static let pieceByteCount = 1 << 16

    private var text: [UInt8] = []

    mutating func append(_ object: JSONObject) {
        object.append(to: &text)
        text.append(UInt8(ascii: "\n"))
        if text.count >= Self.pieceByteCount { print() }
    }

    /// Prints what is left.
    mutating func print() {
        Console.printData(text)
        text.removeAll(keepingCapacity: true)
    }
}

/// A JSON object, built member by member.
struct JSONObject {
    private var members: [UInt8] = [UInt8(ascii: "{")]

    /// UTF-8 without a line break.
    var bytes: [UInt8] { members + [UInt8(ascii: "}")] }

    /// The same at the end of a text.
    func append(to text: inout [UInt8]) {
        text += members
        text.append(UInt8(ascii: "}"))
    }

    /// Without its end, for more to follow.
    var openBytes: [UInt8] { members }

    mutating func add(_ name: String, _ value: String?) {
        addName(name)
        guard let value else { return members += Array("null".utf8) }
        JSONText.appendQuoted(value, to: &members)
    }

    mutating func add(_ name: String, _ values: [String]) {
        addName(name)
        members.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { members.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(value, to: &members)
        }
        members.append(UInt8(ascii: "]"))
    }

    mutating func add(_ name: String, _ values: [JSONObject]) {
        addName(name)
        members.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { members.append(UInt8(ascii: ",")) }
            members += value.bytes
        }
        members.append(UInt8(ascii: "]"))
    }

    mutating func add(_ name: String, _ value: Int?) {
        addName(name)
        members += Array((value.map(String.init) ?? "null").utf8)
    }

    mutating func add(_ name: String, _ value: Bool) {
        addName(name)
        members += Array((value ? "true" : "false").utf8)
    }

    /// - Parameter number: as it is spelled.
    mutating func add(number: String, as name: String) {
        addName(name)
        members += Array(number.utf8)
    }

    mutating func add(_ name: String, _ value: JSONObject?) {
        addName(name)
        members += value?.bytes ?? Array("null".utf8)
    }

    /// Adds the members of an object in JSON text that has some.
    mutating func addMembers(of object: [UInt8]) {
        separate()
        members += object.dropFirst().dropLast()
    }

    /// Adds a name whose value follows.
    mutating func addName(_ name: String) {
        separate()
        JSONText.appendQuoted(name, to: &members)
        members.append(UInt8(ascii: ":"))
    }

    private mutating func separate() {
        if members.count > 1 { members.append(UInt8(ascii: ",")) }
    }
}
