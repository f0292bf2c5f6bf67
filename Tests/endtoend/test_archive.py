"""`cdrx archive`: what the provider sent, listed, verified, pruned and exported."""
import datetime
import json
import stat

from harness import USER_OUT_MISSED, cdrx, owner, stream, valid

ACCOUNTS = ["u1", "u2", "u3"]
DAYS = ["2026-01-01", "2026-01-02"]


def pipeline(work, calm, keep):
    work.pipeline(
        [stream("calls", USER_OUT_MISSED, calm, *ACCOUNTS)], archive={"keep": keep},
        windows={"every": "day", "range": {"from": DAYS[0], "to": "2026-01-03"}})


def exported(work, calm, keep="forever"):
    """Two days of three accounts."""
    pipeline(work, calm, keep)
    result = work.run()
    assert result.code == 0, result


def archive(work, command, *arguments):
    return cdrx("archive", command, "pipeline.yaml", *arguments, cwd=work.path)


def segments(work):
    return sorted((work.exports / "_state" / "archive").rglob("*.segment"))


def test_list_has_a_line_for_each_window(work, calm):
    exported(work, calm)
    lines = archive(work, "list", "--format", "json").lines()
    assert [(line["stream"], line["window"], line["accounts"]) for line in lines] == [
        ("calls", day, 3) for day in DAYS]
    for line in lines:
        assert line["from"] == f"{line['window']}T00:00:00.000Z"
        assert line["versions"] == 3 and line["slices"] >= 3
    assert [line["bytes"] for line in lines] == [path.stat().st_size for path in segments(work)]
    assert [row["WINDOW"] for row in archive(work, "list").table()] == DAYS
    for command in (["list"], ["verify"], ["export", "--window", DAYS[0]]):
        wrong = archive(work, *command, "--stream", "cals")
        assert wrong.code == 64 and "has no stream 'cals'; did you mean `calls`?" in wrong.err, wrong
    wrong = archive(work, "list", "--account", "u22")
    assert wrong.code == 64 and "no account 'u22'; did you mean `u2`?" in wrong.err, wrong
    only = archive(work, "list", "--account", "u2", "--format", "json").lines()
    assert [line["accounts"] for line in only] == [1, 1]


def test_its_files_are_the_owners_alone(work, calm):
    exported(work, calm)
    top = work.exports / "_state" / "archive"
    for path in [top, *top.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_export_gives_back_every_record(work, calm):
    exported(work, calm)
    result = archive(work, "export", "--window", DAYS[0], "--stream", "calls")
    assert result.code == 0, result
    lines = [valid(line, "archive-export") for line in result.lines()]
    for account in ACCOUNTS:
        own = [line for line in lines if line["account"] == account]
        assert [line["request"] for line in own] == list(range(1, len(own) + 1))
        assert {line["status"] for line in own} == {"complete"}
        found = {record["cmiuid"] for line in own for record in json.loads(line["body"])["cdr"]}
        truth = calm.truth(USER_OUT_MISSED, owner(USER_OUT_MISSED, account))
        assert len(truth) == 300 and {dict(record)["cmiuid"] for record in truth} <= found
    few = archive(work, "export", "--window", DAYS[0], "--account", "u2").lines()
    assert few == [line for line in lines if line["account"] == "u2"]
    missing = archive(work, "export", "--window", "2026-01-09")
    assert missing.code == 1 and "archive list" in missing.err


def test_verify_names_file_byte_accounts_and_window(work, calm):
    exported(work, calm)
    whole = archive(work, "verify")
    assert whole.code == 0 and whole.out == "", whole
    path = segments(work)[1]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    result = archive(work, "verify", "--format", "json")
    assert result.code == 1, result
    problems = result.lines()
    assert {problem["window"] for problem in problems} == {DAYS[1]}
    assert {name for problem in problems for name in problem["accounts"]} == set(ACCOUNTS)
    assert any(
        str(path).endswith(problem["file"] or "-") and 0 < problem["byte"] <= len(data) // 2
        for problem in problems), problems
    assert path.name in archive(work, "verify").out


def test_a_lost_segment_is_missed(work, calm):
    exported(work, calm)
    segments(work)[0].unlink()
    result = archive(work, "verify", "--format", "json")
    assert result.code == 1, result
    assert [(p["window"], p["accounts"], p["file"]) for p in result.lines()] == [
        (DAYS[0], [account], None) for account in ACCOUNTS]


def in_days(count):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=count)
    return ("--now", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


def test_prune_removes_what_has_had_its_time(work, calm):
    """The windows lie months back, so their time is counted from the export."""
    exported(work, calm)
    pipeline(work, calm, "10d")
    assert work.run().code == 0
    assert archive(work, "prune", *in_days(9)).table() == [] and len(segments(work)) == 2
    would = archive(work, "prune", "--dry-run", *in_days(11), "--format", "json").lines()
    assert [line["window"] for line in would] == DAYS
    assert archive(work, "prune", "--stream", "other", *in_days(11)).table() == []
    assert len(segments(work)) == 2
    assert archive(work, "prune", *in_days(11), "--format", "json").lines() == would
    assert segments(work) == []
    assert archive(work, "verify").code == 0
    assert archive(work, "prune", *in_days(11)).table() == []


def test_keep_none_leaves_nothing_of_what_is_published(work, calm):
    exported(work, calm, "none")
    assert segments(work) == []
    assert archive(work, "verify").code == 0


def test_a_run_prunes_too(work, calm):
    exported(work, calm)
    assert len(segments(work)) == 2
    pipeline(work, calm, "none")
    assert work.run().code == 0
    assert segments(work) == []
    assert archive(work, "verify").code == 0
