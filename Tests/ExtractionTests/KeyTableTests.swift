import Testing

@testable import Extraction

@Suite struct KeyTableTests {
    /// Keys decide; that all have the same hash only costs time.
    @Test(arguments: [true, false])
    func everyRepeatIsFoundAndNothingElse(hashesAreEqual: Bool) {
        let keys = (0..<300).map { $0 % 100 == 7 ? 7 : $0 }
        var table = KeyTable(capacity: keys.count)
        for (place, key) in keys.enumerated() {
            let hash = hashesAreEqual ? 5 : UInt64(key) &* 0x9E37_79B9_7F4A_7C15
            let earlier = table.insert(place, hash: hash) { keys[$0] == key }
            #expect(earlier == (place > 7 && key == 7 ? 7 : nil))
        }
    }

    @Test func aFullTableStillTakesItsCapacity() {
        var table = KeyTable(capacity: 8)
        for place in 0..<8 {
            #expect(table.insert(place, hash: .max) { _ in false } == nil)
        }
        #expect(table.insert(8, hash: .max) { $0 == 3 } == 3)
    }
}
