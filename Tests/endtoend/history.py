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
        for number, account in enumerate(accounts):
            rows = list(_windows(ledger, window, account, number * days, days, work.exports))
            ledger.executemany(
                f"REPLACE INTO windows VALUES ({', '.join(':' + name for name in window)})", rows)
        ledger.execute("UPDATE counters SET value = ? WHERE name = 'version'", [len(accounts) * days])
    ledger.close()


def _windows(ledger, window, account, version, days, exports):
    parent = f"calls/cdrx_account={account}/"
    ids = {"account": _number(ledger, account), "parent": _number(ledger, parent)}
    for day in range(days):
        date = str(FIRST + datetime.timedelta(day))
        (exports / parent / f"dt={date}").mkdir(parents=True, exist_ok=True)
        yield {
            **window, **ids, "window": date, "directory": f"dt={date}", "version": version + day + 1,
            "start_ms": window["start_ms"] + day * DAY, "end_ms": window["end_ms"] + day * DAY}


def _number(ledger, name):
    ledger.execute("INSERT OR IGNORE INTO names (name) VALUES (?)", [name])
    return ledger.execute("SELECT id FROM names WHERE name = ?", [name]).fetchone()[0]
