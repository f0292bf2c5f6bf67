"""Years of complete windows without the nights that they take: one export, multiplied in the ledger."""
import datetime
import sqlite3

from harness import DAY, USER_OUT_MISSED, simulating, stream

FIRST = datetime.date(2026, 1, 1)


def complete_history(work, accounts, days):
    """Leaves a pipeline, and a ledger that holds each of its windows as complete and without rows."""
    def every(count):
        last = FIRST + datetime.timedelta(count)
        return {"every": "day", "range": {"from": str(FIRST), "to": str(last)}}

    with simulating("--rows-per-day", 0) as simulator:
        work.pipeline([stream("calls", USER_OUT_MISSED, simulator, accounts[0])], windows=every(1))
        result = work.run()
        assert result.code == 0, result
        work.pipeline([stream("calls", USER_OUT_MISSED, simulator, *accounts)], windows=every(days))
    ledger = sqlite3.connect(work.exports / "_state" / "ledger.sqlite")
    ledger.row_factory = sqlite3.Row
    with ledger:
        window = dict(ledger.execute("SELECT * FROM windows").fetchone())
        partition = dict(ledger.execute("SELECT * FROM partitions").fetchone())
        for number, account in enumerate(accounts):
            _complete(ledger, window, partition, account, number * days, days, work.exports)
        ledger.execute("UPDATE counters SET value = ? WHERE name = 'version'", [len(accounts) * days])
    ledger.close()


def _complete(ledger, window, partition, account, version, days, exports):
    """One partition a day for all accounts, or for this one, as the run published it."""
    is_shared = partition["account"] == 0
    parent = "calls/" if is_shared else f"calls/cdrx_account={account}/"
    own = _number(ledger, account)
    for day in range(days):
        date = str(FIRST + datetime.timedelta(day))
        (exports / parent / f"dt={date}").mkdir(parents=True, exist_ok=True)
        both = {"window": date, "start_ms": window["start_ms"] + day * DAY,
                "end_ms": window["end_ms"] + day * DAY}
        shared = 0 if is_shared else own
        _replace(ledger, "windows", {**window, **both, "account": own, "partition_account": shared})
        _replace(ledger, "partitions", {
            **partition, **both, "account": shared, "version": version + day + 1,
            "parent": _number(ledger, parent), "directory": f"dt={date}"})


def _replace(ledger, table, row):
    ledger.execute(f"REPLACE INTO {table} VALUES ({', '.join(':' + name for name in row)})", row)


def _number(ledger, name):
    ledger.execute("INSERT OR IGNORE INTO names (name) VALUES (?)", [name])
    return ledger.execute("SELECT id FROM names WHERE name = ?", [name]).fetchone()[0]
