import ExportModel
import Testing

@testable import PipelineFile

/// Derived columns, sets of columns in a list, and the account of rows in shared partitions.
@Suite struct DerivedColumnsReaderTests {
    private func read(
        columns: String, partition: String = "window", stream: String = "",
        accounts: String = #"[{account: a, appid: 1, token: "${T:-t}"}]"#
    ) throws -> (columns: [String]?, findings: [String]) {
        let text = """
            pipeline: p
            timezone: Asia/Kolkata
            output: {path: out, partition: \(partition), columns: \(columns)}
            streams:
              - stream: s
                endpoint: telecmi.v1.outanswered
                \(stream)
                accounts: \(accounts)
            """
        let result = try FakeFiles(["p.yaml": text], environment: ["C": "INR"]).read()
        return (
            result.pipeline?.streams.first?.columns.columns.map {
                "\($0.column.name) \($0.column.type.name)"
                    + ($0.column.isNullable ? "" : " not null")
            },
            result.diagnostics.map { String($0.description.dropFirst("p.yaml:".count)) }
        )
    }

    private static let two = """
        [{account: a, appid: 1, token: "${T:-t}"}, {account: b, appid: 1, token: "${T:-t}"}]
        """

    @Test func derivedColumnsArePickedByName() throws {
        let found = try read(
            columns: "[call_id, local_date, is_answered, {talk_seconds: talk}, to_e164, currency]",
            stream: "numbers: IN\n    currency: ${C}")
        #expect(found.findings == [])
        #expect(
            found.columns == [
                "call_id text not null", "local_date date not null", "is_answered bool",
                "talk int", "to_e164 text", "currency text not null",
            ])
    }

    @Test func noneIsThereUnlessItIsNamed() throws {
        let names = Set(DerivedColumn.allCases.map(\.rawValue))
        for columns in ["unified", "native"] {
            let found = try #require(try read(columns: columns).columns)
            #expect(names.isDisjoint(with: found.map { String($0.prefix { $0 != " " }) }))
        }
    }

    @Test func setsStandInLists() throws {
        let unified = UnifiedColumn.allCases.map(\.rawValue)
        let found = try #require(try read(columns: "[unified, local_date]").columns)
        #expect(found.map { $0.prefix { $0 != " " } } == unified.map { $0[...] } + ["local_date"])
        let native = try #require(try read(columns: "[local_date, native]").columns)
        #expect(native.first == "local_date date not null")
        #expect(native.dropFirst().first == "_id text not null")
    }

    /// The provider's own fields and nothing else, with one account or several.
    @Test func nativeIsWhatTheProviderSends() throws {
        let alone = try #require(try read(columns: "native").columns)
        #expect(alone.first == "_id text not null")
        #expect(try read(columns: "native", accounts: Self.two).columns == alone)
        let named = try read(columns: "[account, native]", accounts: Self.two)
        #expect(named.columns == ["account text not null"] + alone)
    }

    @Test func columnsThatDoNotNameTheAccountOfSeveralAreAWarning() throws {
        for (columns, remedy) in [
            ("[call_id, to]", "add `account` to it"),
            ("[native, local_date]", "add `account` to it"),
            ("native", "write `columns: [account, native]`"),
        ] {
            let message =
                "3:49: warning: the 2 accounts of stream `s` share partitions, and no column of "
                + "`columns` says which row is whose: \(remedy), or write `partition: account`"
            let shared = try read(columns: columns, accounts: Self.two)
            #expect(shared.findings == [message])
            #expect(shared.columns != nil)
            #expect(try read(columns: columns).findings == [])
            let own = try read(columns: columns, partition: "account", accounts: Self.two)
            #expect(own.findings == [])
        }
        for columns in ["[call_id, {account: whose}]", "[unified]", "unified"] {
            #expect(try read(columns: columns, accounts: Self.two).findings == [])
        }
    }

    @Test(
        arguments: [
            (
                "[to_e164]", "",
                "5:5: error: stream `s` does not say what its telephone numbers are, which the "
                    + "column `to_e164` needs: `numbers: IN` for Indian ones, or `numbers: "
                    + "international` if they begin with a country code"
            ),
            (
                "[currency]", "",
                "5:5: error: stream `s` does not say its currency, which the column `currency` "
                    + "needs: add it, as in `currency: INR`"
            ),
            (
                "[to_e164]", "numbers: BR",
                "7:14: error: `numbers` must be `international`, or a country by its two letters, "
                    + "as in `IN`, not `BR`: cdrx has no rules for its numbers, or there is no such "
                    + "country"
            ),
            (
                "[to_e164]", "numbers: india",
                "7:14: error: `numbers` must be `international`, or a country by its two letters, "
                    + "as in `IN`, not `india`"
            ),
            (
                "[currency]", "currency: Rs",
                "7:15: error: `currency` must be three capital letters (ISO 4217), as in `INR`"
            ),
            (
                "[call_id, local_dat]", "",
                "3:59: error: column `local_dat` is neither a unified nor a derived column nor a "
                    + "field of `telecmi.v1.outanswered` (stream `s`); did you mean `local_date`?"
            ),
            (
                "[call_id, local_date, {to: local_date}]", "",
                "3:71: error: two columns would be called `local_date`; rename one: "
                    + "`{to: other_name}`"
            ),
            (
                "[unified, call_id]", "",
                "3:59: error: two columns would be called `call_id` (stream `s`); rename one: "
                    + "`{call_id: other_name}`"
            ),
            (
                "unified", "currency: INR",
                "7:15: warning: `currency` has no effect: `columns` does not pick `currency`"
            ),
            (
                "[from_number]", "numbers: IN",
                "7:14: warning: `numbers` has no effect: `columns` does not pick `from_e164` or "
                    + "`to_e164`"
            ),
        ])
    func mistakesHaveTheirPlaceAndRemedy(
        columns: String, stream: String, expected: String
    ) throws {
        #expect(try read(columns: columns, stream: stream).findings == [expected])
    }
}
