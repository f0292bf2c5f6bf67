public import ExportModel
public import RunLedger

extension Pipeline {
    /// Where ledger, lock and archive lie. A shard has its own below that of the pipeline.
    public var stateDirectory: StateDirectory {
        let path = statePath ?? output.path + "/_state"
        return StateDirectory(path: path + (shard.map { "/shards/\($0.fileName)" } ?? ""))
    }

    /// Names of each stream's accounts, by ``ExportModel/OutputOptions/bucket(of:)``.
    var accountsByBucket: [[Bucket?: Set<String>]] {
        streams.map { stream in
            stream.accounts.reduce(into: [:]) { buckets, account in
                buckets[output.bucket(of: account.name), default: []].insert(account.name)
            }
        }
    }

    /// The part of the pipeline that a shard is: its accounts, and its share of the requests that
    /// the whole pipeline may send.
    ///
    /// - Throws: `shards_need_buckets` where partitions hold accounts of several shards,
    ///   `shards_share_account` where accounts of one budget are in different shards.
    public func part(_ shard: Shard) throws(ExportError) -> Pipeline {
        try requirePartitions(of: shard)
        try requireWholeBudgets(shard.count)
        var part = self
        part.shard = shard
        part.requestsPerSecond = requestsPerSecond.map { $0 / Double(shard.count) }
        for index in streams.indices {
            part.streams[index].accounts.removeAll { !shard.holds(account: $0.name) }
        }
        return part
    }

    /// Each partition is published by one shard.
    private func requirePartitions(of shard: Shard) throws(ExportError) {
        guard output.partition == .window, !output.buckets.isMultiple(of: shard.count) else {
            return
        }
        let held =
            output.buckets == 1
            ? "a partition of `partition: window` holds all accounts of its window"
            : "a bucket of `buckets: \(output.buckets)` holds accounts of several shards"
        throw ExportError(
            .configuration, code: .shardsNeedBuckets,
            message: """
                shard \(shard) of pipeline '\(name)': \(held), so that no shard could publish it; say \
                `buckets: \(shard.count)` or a multiple of it in `output:`, or `partition: account`
                """)
    }

    /// Requests with the same credentials share a rate, which two shards would each use up.
    private func requireWholeBudgets(_ count: Int) throws(ExportError) {
        var places: [BudgetKey: (stream: String, account: String, shard: Shard)] = [:]
        for stream in streams {
            for account in stream.accounts {
                guard let key = BudgetKey(of: account, in: stream),
                    let shard = Shard(holding: account.name, among: count)
                else { continue }
                guard let first = places[key] else {
                    places[key] = (stream.name, account.name, shard)
                    continue
                }
                if first.shard == shard { continue }
                throw ExportError(
                    .configuration, code: .shardsShareAccount,
                    message: """
                        account '\(first.account)' of stream '\(first.stream)' is in shard \
                        \(first.shard) and account '\(account.name)' of stream '\(stream.name)' \
                        in \(shard), but they have the same credentials, so that each shard would \
                        use up the rate of both; call them by one name, which decides the shard
                        """)
            }
        }
    }
}
