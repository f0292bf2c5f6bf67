"""`cdrx files` lists what is published, for any loader."""
import hashlib

import pytest

from harness import USER_OUT_MISSED, stream

DAYS = {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-04"}}


@pytest.fixture
def published(work, calm):
    work.pipeline([
        stream("calls", USER_OUT_MISSED, calm, "b:c", "acc"), stream("more", USER_OUT_MISSED, calm, "acc")],
        windows=DAYS, output={"partition": "account", "part_bytes": "1KiB"})
    assert work.run().code == 0
    return work


def listed(work, *options, code=0):
    plain = work.run(*options, command="files")
    lines = work.run(*options, "--format", "json", command="files")
    assert (plain.code, lines.code) == (code, code), plain
    assert [line["uri"] for line in lines.lines()] == plain.out.splitlines()
    return lines.lines()


def test_every_file_of_every_manifest_is_listed(published):
    lines = listed(published)
    assert len(lines) > 9, "parts are small here"
    for line in lines:
        data = (published.path / line["uri"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (line["bytes"], line["sha256"])
        manifest = published.manifest(line["partition"])
        assert (line["run_id"], line["etag"]) == (manifest["run_id"], None)
    parts = {str(path.relative_to(published.path)) for path in published.exports.rglob("part-*")}
    assert {line["uri"] for line in lines} == parts
    assert {(line["stream"], line["account"]) for line in lines} == {
        ("calls", "acc"), ("calls", "b"), ("more", "acc")}
    # The ledger has no say: another machine may have written all of it.
    (published.exports / "_state").rename(published.path / "gone")
    assert listed(published) == lines


def test_windows_and_streams_narrow_the_list(published):
    lines = listed(published, "--from", "2026-01-02", "--to", "2026-01-03", "--stream", "more")
    assert {(line["stream"], line["window"]) for line in lines} == {("more", "2026-01-02")}
    assert listed(published, "--from", "2026-02-01", "--to", "2026-03-01") == []
    for options in (["--stream", "nosuch"], ["--from", "2026-01-02"], ["--from", "x", "--to", "y"]):
        assert published.run(*options, command="files").code != 0


def test_hours_of_a_day_are_told_apart(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "acc")], windows={
        "every": "hour", "range": {"from": "2026-01-01T22", "to": "2026-01-02T03"}})
    assert work.run().code == 0
    lines = listed(work, "--from", "2026-01-01T23", "--to", "2026-01-02T02")
    assert [line["window"] for line in lines] == ["2026-01-01T23", "2026-01-02T00", "2026-01-02T01"]


def test_a_partition_that_is_not_as_its_manifest_says_is_left_out(published):
    lines = listed(published)
    (published.path / lines[0]["uri"]).unlink()
    rest = listed(published, code=1)
    assert rest == [line for line in lines if line["partition"] != lines[0]["partition"]]
    manifest = published.exports / lines[-1]["partition"] / "_manifest.json"
    manifest.write_text("{")
    result = published.run(command="files")
    assert result.code == 1 and "published_differs" in result.err and "manifest_unreadable" in result.err


def test_another_pipeline_s_partitions_are_not_listed(published):
    published.pipeline([stream("calls", USER_OUT_MISSED, "http://127.0.0.1:9", "acc")], pipeline="other")
    assert published.run(command="files").out == ""
