import ExportModel
import Extraction
import Foundation
import Synchronization

/// A provider in memory that speaks v2 `user/out_missed` and Commo `GetBill`, from rows a test
/// gives.
///
/// What a drain marks as read is kept in a file, so that it outlives a killed process, as it does
/// at a real provider.
final class FakeProvider: Transport {
    struct Record {
        var id: Int
        var milliseconds: Int64
        /// Members of the record besides id and time, as JSON text.
        var members: String
    }

    private let records: [Record]
    private let marksPath: String?
    private let state = Mutex<[Int]>([])
    /// Added to every total: a provider that lies.
    let lie: Int
    /// Answers instead of the records, by the order of requests; nil answers normally.
    let interruption: @Sendable (_ request: Int) -> TransportOutcome?

    init(
        _ records: [Record], marksPath: String? = nil, lie: Int = 0,
        interruption: @escaping @Sendable (_ request: Int) -> TransportOutcome? = { _ in nil }
    ) {
        self.records = records.sorted { ($0.milliseconds, $0.id) > ($1.milliseconds, $1.id) }
        self.marksPath = marksPath
        self.lie = lie
        self.interruption = interruption
    }

    /// How often each page number was asked for, in the order of arrival.
    var requestedPages: [Int] { state.withLock { $0 } }

    func send(_ request: ProviderRequest) -> TransportOutcome {
        let asked = Self.parameters(request)
        let isCommo = asked["itemsperpage"] != nil
        let page = Int(asked[isCommo ? "currentpage" : "page"] ?? "") ?? 1
        let number = state.withLock { requests in
            requests.append(page)
            return requests.count
        }
        if let outcome = interruption(number) { return outcome }
        let body = isCommo ? commo(asked, page: page) : v2(asked, page: page)
        return .answer(ProviderAnswer(status: 200, body: Array(body.utf8)))
    }

    private func v2(_ asked: [String: String], page: Int) -> String {
        let from = Int64(asked["from"] ?? "") ?? 0
        let to = Int64(asked["to"] ?? "") ?? 0
        let found = records.filter { from <= $0.milliseconds && $0.milliseconds <= to }
        let rows = found.dropFirst((page - 1) * 10).prefix(10).map { record in
            #"{"cmiuid":"\#(record.id)","time":\#(record.milliseconds)\#(record.members)}"#
        }
        return
            #"{"count":\#(found.count + lie),"cdr":[\#(rows.joined(separator: ","))],"code":200}"#
    }

    private func commo(_ asked: [String: String], page: Int) -> String {
        let size = Int(asked["itemsperpage"] ?? "") ?? 10
        let flag = asked["syncflag"] ?? "1"
        let from = Self.moment(asked["starttime"])
        let to = Self.moment(asked["endtime"])
        let marks = readMarks()
        let found = records.filter { record in
            from <= record.milliseconds && record.milliseconds <= to
                && (flag == "3" || marks.contains(record.id) == (flag == "2"))
        }
        let rows = found.dropFirst((page - 1) * size).prefix(size)
        if flag == "1" { write(marks.union(rows.map(\.id))) }
        let text = rows.map { record in
            var local: [UInt8] = []
            TimestampText.appendLocalDateTime(record.milliseconds / 1_000 + 28_800, to: &local)
            let time = String(decoding: local, as: UTF8.self)
            return #"{"id":\#(record.id),"starttime":"\#(time)"\#(record.members)}"#
        }
        return """
            {"ret":200,"data":{"status":0,"result":{"totalitems":\(found.count),\
            "bills":[\(text.joined(separator: ","))]}},"msg":""}
            """
    }

    /// Ids that a drain has marked as read.
    func readMarks() -> Set<Int> {
        guard let marksPath, let text = try? String(contentsOfFile: marksPath, encoding: .utf8)
        else { return [] }
        return Set(text.split(separator: "\n").compactMap { Int($0) })
    }

    private func write(_ marks: Set<Int>) {
        guard let marksPath else { return }
        let text = marks.sorted().map(String.init).joined(separator: "\n")
        _ = FileManager.default.createFile(atPath: marksPath, contents: Data(text.utf8))
    }

    private static func moment(_ text: String?) -> Int64 {
        let seconds = Array((text ?? "").utf8).withUnsafeBufferPointer {
            TimestampText.localSeconds($0)
        }
        return ((seconds ?? 28_800) - 28_800) * 1_000
    }

    /// The parameters of a JSON or multipart body.
    private static func parameters(_ request: ProviderRequest) -> [String: String] {
        let data = Data(request.body ?? [])
        if request.contentType == "application/json" {
            let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
            return object.mapValues { "\($0)" }
        }
        var found: [String: String] = [:]
        for part in String(decoding: data, as: UTF8.self).components(separatedBy: "--cdrx-") {
            let halves = part.components(separatedBy: "\r\n\r\n")
            guard halves.count == 2,
                let name = halves[0].components(separatedBy: "\"").dropFirst().first
            else { continue }
            found[name] = halves[1].replacingOccurrences(of: "\r\n", with: "")
        }
        return found
    }
}
