"""Directories of an output: those of an older cdrx, and those of the other layout."""
import json
import shutil

from harness import FIRST_DAY, DAY, USER_OUT_MISSED, cdrx, stream

import mapping

ACCOUNT = {"partition": "account"}
FORMER = ("pipeline", "stream", "endpoint", "window", "rows", "rejects", "columns", "schema_sha256",
          "files", "rejects_file", "run_id", "tool")


def make_former(work, account, day):
    """Turns a partition of one account into what cdrx published before manifest version 2."""
    window = f"dt=2026-01-{day:02d}"
    source = work.exports / f"calls/cdrx_account={account}" / window
    manifest = json.loads((source / "_manifest.json").read_text())
    [entry] = manifest["accounts"]
    former = {
        "manifest_version": 1, "status": "complete",
        **{name: manifest[name] for name in FORMER},
        **{name: entry[name] for name in (
            "account", "duplicates", "outside_window", "reported_total", "reconciled",
            "first_started_at", "last_started_at", "extracted_at")}}
    for file in former["files"]:
        del file["etag"], file["version_id"]
    target = work.exports / f"calls/account={account}" / window
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)
    if not any(source.parent.iterdir()):
        source.parent.rmdir()
    (target / "_manifest.json").write_text(json.dumps(former, indent=2) + "\n")
    return target


def days(count):
    return {"every": "day", "range": {"from": "2026-01-01", "to": f"2026-01-{count + 1:02d}"}}


def test_partitions_of_an_older_cdrx_are_verified_and_replaced(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc", "b")], windows=days(8),
                  output=ACCOUNT)
    assert work.run().code == 0
    former = [make_former(work, account, day) for account in ("acc", "b") for day in range(1, 9)]
    result = cdrx("verify", work.exports)
    assert result.code == 0 and "16 partitions read, 0 findings" in result.err, result
    (former[0] / "part-00000.csv.gz").write_bytes(b"x")
    result = cdrx("verify", work.exports, "--format", "json")
    assert [line["finding"] for line in result.report()["findings"]] == ["wrong_size", "wrong_sha256"], result
    # Another ledger: nothing is known of them but what stands there. The windows of an account are
    # published side by side, and the last takes the directory away in which the former ones lay.
    shutil.rmtree(work.exports / "_state")
    assert work.run("--account", "acc").code == 0
    assert sorted(path.name for path in (work.exports / "calls").iterdir()) == [
        "account=b", "cdrx_account=acc"]
    assert work.run().code == 0
    assert sorted(path.name for path in (work.exports / "calls").iterdir()) == [
        "cdrx_account=acc", "cdrx_account=b"]
    assert list((work.exports / "_staging").iterdir()) == []
    truth = calm.truth(USER_OUT_MISSED, "acc", FIRST_DAY + DAY)
    assert work.content("calls/cdrx_account=acc/dt=2026-01-02") == mapping.csv_bytes(
        mapping.rows(USER_OUT_MISSED, "acc", truth))
    assert cdrx("verify", work.exports).code == 0


def test_the_other_layout_is_refused_before_any_request(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")], output=ACCOUNT)
    assert work.run().code == 0
    source = work.exports / "calls/cdrx_account=acc"
    shutil.move(source / "dt=2026-01-01", work.exports / "calls")
    source.rmdir()
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")], windows=days(2), output=ACCOUNT)
    calm.forget()
    result = work.run()
    assert result.code != 0
    found = work.exports / "calls/dt=2026-01-01"
    for text in (
            "exports/calls/dt=2026-01-01 was", "partition: window", "partition: account", "rebuild"):
        assert text in result.err, result
    assert calm.requests() == 0
    # What another stream holds is no matter.
    (work.exports / "others").mkdir()
    shutil.move(found, work.exports / "others")
    assert work.run().code == 0


def test_a_window_partition_replaces_those_of_its_accounts(work, calm):
    accounts = ("acc", "b", "gone")
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, *accounts)], output=ACCOUNT)
    assert work.run().code == 0
    for account in accounts:
        make_former(work, account, 1)
    shutil.rmtree(work.exports / "_state")
    # Readers keep the rows of an account that cannot be had, until it can.
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc", "b", "gone:dead-1")])
    assert work.run().code == 77
    assert sorted(path.name for path in (work.exports / "calls").iterdir()) == [
        "account=gone", "dt=2026-01-01"]
    manifest = work.manifest("calls/dt=2026-01-01")
    assert [(entry["account"], entry["state"]) for entry in manifest["accounts"]] == [
        ("acc", "complete"), ("b", "complete"), ("gone", "missing")]
    assert not manifest["complete"] and not (work.exports / "calls/dt=2026-01-01/_SUCCESS").exists()
    assert cdrx("verify", work.exports).code == 0
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, *accounts)])
    assert work.run().code == 0
    assert [path.name for path in (work.exports / "calls").iterdir()] == ["dt=2026-01-01"]
    assert work.manifest("calls/dt=2026-01-01")["complete"]
    assert cdrx("verify", work.exports).code == 0


def test_windows_are_refused_beside_accounts_and_the_remedy_works(work, calm):
    streams = [stream("calls", USER_OUT_MISSED, calm, "acc", "b")]
    work.pipeline(streams, output=ACCOUNT)
    assert work.run().code == 0
    work.pipeline(streams, windows=days(2))
    calm.forget()
    result = work.run()
    assert result.code == 78, result
    assert "exports/calls/cdrx_account=acc/dt=2026-01-01 was" in result.err, result
    assert calm.requests() == 0
    shutil.move(work.exports / "calls", work.path / "aside")
    result = work.run(command="rebuild")
    assert result.code == 0, result
    assert calm.requests() == 0
    assert work.partitions() == ["calls/dt=2026-01-01"]
    rows = [row for account in ("acc", "b") for row in mapping.rows(
        USER_OUT_MISSED, account, calm.truth(USER_OUT_MISSED, account))]
    assert work.content("calls/dt=2026-01-01") == mapping.csv_bytes(rows)
