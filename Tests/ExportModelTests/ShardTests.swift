import ExportModel
import Testing

@Suite struct ShardTests {
    @Test func shardsCountFromOne() {
        #expect(Shard("1/4") == Shard(index: 1, count: 4))
        #expect(Shard("4/4")?.description == "4/4")
        #expect(Shard("4/4")?.fileName == "4-of-4")
    }

    @Test(arguments: [
        "0/4", "5/4", "1/0", "1", "1/", "/4", "a/4", "1/4/4", "+1/4", "01/4", "1/2000",
    ])
    func whatIsNoShardIsNotRead(_ text: String) {
        #expect(Shard(text) == nil)
    }

    /// `int(hashlib.sha256(b"main").hexdigest()[:16], 16) % 4`, so that others can compute it.
    @Test(arguments: [("main", 3), ("hq", 0), ("agent-1", 0), ("agent-2", 3), ("ü", 0)])
    func theNameDecides(_ account: String, _ place: Int) {
        for index in 1...4 {
            #expect(Shard(index: index, count: 4)?.holds(account: account) == (index == place + 1))
        }
    }

    @Test func eachAccountIsInOneShardAndShardsAreAlike() {
        var counts = [0, 0, 0, 0, 0]
        for account in 0..<5_000 {
            let holding = (1...5).filter {
                Shard(index: $0, count: 5)?.holds(account: "agent-\(account)") ?? false
            }
            #expect(holding.count == 1)
            for index in holding { counts[index - 1] += 1 }
        }
        #expect(counts.allSatisfy { (900...1_100).contains($0) }, "\(counts)")
    }
}
