"""What `verify`, `files`, `rejects`, `report` and `status` make of an output in an object store."""
import shutil

import pytest

from harness import FIRST_DAY, USER_OUT_MISSED, cdrx, stream
from provider import providing, user_page, user_records

DAYS = {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-04"}}
# What URLs, glob patterns and lists write otherwise.
ROOT = "nightly é%41+b/calls"


def calls(simulator):
    return [stream("calls", USER_OUT_MISSED, simulator, "a:c", "b")]


@pytest.fixture
def filled(work, calm, bucket):
    """A bucket with three days of two accounts."""
    work.pipeline(calls(calm), windows=DAYS, state="state", name="store.yaml", output={
        "path": f"{bucket.uri}/{ROOT}", "partition": "account", "part_bytes": "16KiB"})
    result = cdrx("run", "store.yaml", cwd=work.path, env=bucket.env)
    assert result.code == 0, result
    return bucket


def verify(work, bucket, *options, target="store.yaml"):
    result = cdrx("verify", target, "--format", "json", *options, cwd=work.path, env=bucket.env)
    report = result.report()
    assert result.code == (1 if report["findings"] else 0), result
    return report["partitions"], [
        (finding["finding"], finding["path"].rsplit("/", 1)[-1]) for finding in report["findings"]]


def test_what_lies_there_is_compared_with_its_manifests(work, filled):
    for target in ("store.yaml", f"{filled.uri}/{ROOT}"):
        for options in ((), ("--deep",)):
            assert verify(work, filled, *options, target=target) == (6, [])
    first = next(key for key in filled.listing() if key.endswith("_manifest.json"))
    one = f"{filled.uri}/{first.rsplit('/', 1)[0]}"
    assert verify(work, filled, target=one) == (1, [])


def test_what_is_wrong_is_named(work, filled):
    parts = [key for key in filled.listing() if "/part-" in key]
    data = filled.get(parts[0])
    filled.put(parts[0], data)  # The same bytes have the same ETag here.
    assert verify(work, filled) == (6, [])
    filled.put(parts[0], bytes([data[0], data[1] ^ 1]) + data[2:])
    filled.put(parts[1], data + b"x")
    filled.delete(parts[2])
    directory = parts[3].rsplit("/", 1)[0]
    filled.put(f"{directory}/part-00099.csv.gz", b"")
    _, found = verify(work, filled)
    names = [part.rsplit("/", 1)[1] for part in parts]
    assert sorted(found) == sorted([
        ("wrong_etag", names[0]), ("wrong_size", names[1]), ("wrong_etag", names[1]),
        ("missing_file", names[2]), ("unexpected_file", "part-00099.csv.gz")])
    _, deep = verify(work, filled, "--deep")
    assert sorted(set(deep) - set(found)) == sorted([("wrong_sha256", names[0]), ("wrong_sha256", names[1])])


def test_without_etags_objects_are_read(work, filled):
    for key in list(filled.listing()):
        if key.endswith("_manifest.json"):
            filled.put(key, filled.get(key).replace(b'"etag": "', b'"etag": null, "was": "'))
    assert verify(work, filled) == (6, [])
    part = next(key for key in filled.listing() if "/part-" in key)
    data = filled.get(part)
    filled.put(part, data[:-1] + bytes([data[-1] ^ 1]))
    assert [kind for kind, _ in verify(work, filled)[1]] == ["wrong_sha256"]


def test_files_are_listed_by_their_uris(work, filled):
    lines = cdrx("files", "store.yaml", "--format", "json", cwd=work.path, env=filled.env).lines()
    listing = filled.listing()
    assert {line["uri"] for line in lines} == {
        f"{filled.uri}/{key}" for key in listing if "/part-" in key}
    for line in lines:
        entry = listing[line["uri"].removeprefix(f"{filled.uri}/")]
        assert (line["etag"], line["bytes"]) == (entry["ETag"].strip('"'), entry["Size"])
    day = cdrx("files", "store.yaml", "--from", "2026-01-02", "--to", "2026-01-03", cwd=work.path,
               env=filled.env).out.splitlines()
    assert day == [line["uri"] for line in lines if line["window"] == "2026-01-02"]
    filled.delete(day[0].removeprefix(f"{filled.uri}/"))
    result = cdrx("files", "store.yaml", cwd=work.path, env=filled.env)
    assert result.code == 1 and "published_differs" in result.err and day[0] not in result.out


def test_a_lost_ledger_is_made_again(work, filled, calm):
    shutil.rmtree(work.path / "state")
    for count in (6, 0):
        result = cdrx("status", "store.yaml", "--rebuild", "--format", "json", cwd=work.path, env=filled.env)
        assert result.code == 0 and f"{count} of 6 partitions recorded" in result.err, result
        assert {(window["account"], window["state"]) for window in result.windows()} == {
            ("a", "complete"), ("b", "complete")}
    assert verify(work, filled) == (6, [])
    calm.forget()
    assert cdrx("run", "store.yaml", cwd=work.path, env=filled.env).code == 0
    assert calm.requests() == 0 and verify(work, filled) == (6, [])
    first = next(key for key in filled.listing() if key.endswith("_manifest.json"))
    filled.put(first, filled.get(first).replace(b'"content_sha256": "', b'"content_sha256": "0'))
    assert [kind for kind, _ in verify(work, filled)[1]] == ["wrong_row_count"]
    for key in filled.listing(first.rsplit("/", 1)[0]):
        filled.delete(key)
    assert verify(work, filled)[0] == 5
    assert [kind for kind, _ in verify(work, filled)[1]] == ["missing_manifest"]


def test_rejects_are_read_from_the_store(work, moto):
    """And a page of all that is known."""
    bucket = moto.bucket()
    records = user_records(40, FIRST_DAY)
    records[7]["duration"] = "long"
    with providing(lambda request: user_page(request, records)) as provider:
        work.pipeline([stream("calls", USER_OUT_MISSED, provider, "acc")], state="state",
                      output={"path": bucket.uri})
        assert cdrx("run", "pipeline.yaml", cwd=work.path, env=bucket.env).code == 0
    result = cdrx("rejects", "pipeline.yaml", "--format", "json", cwd=work.path, env=bucket.env)
    [reject] = result.report()["rejects"]
    assert (reject["field"], reject["raw"]["duration"]) == ("duration", "long"), result
    report = cdrx("report", "pipeline.yaml", "-o", "report.html", cwd=work.path, env=bucket.env)
    assert report.code == 0 and bucket.uri in (work.path / "report.html").read_text(), report
    assert verify(work, bucket, target="pipeline.yaml") == (1, [])
    bucket.put("calls/dt=2026-01-01/_rejects.ndjson.gz", b"damaged")
    assert verify(work, bucket, target="pipeline.yaml")[1] == [("unreadable_file", "_rejects.ndjson.gz")]


def test_a_store_that_refuses_is_named(work, filled):
    for env, code in (
            ({**filled.env, "AWS_SECRET_ACCESS_KEY": "wrong"}, "store_access_denied"),
            ({**filled.env, "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "store_credentials")):
        for command in ("verify", "files"):
            result = cdrx(command, "store.yaml", cwd=work.path, env=env)
            assert result.code == 77 and f"[{code}]" in result.err, result
            assert result.out == ""
    result = cdrx("verify", f"{filled.uri}-not/x", cwd=work.path, env=filled.env)
    assert result.code == 78 and "[store_no_bucket]" in result.err, result
    result = cdrx("verify", f"{filled.uri}/elsewhere", cwd=work.path, env=filled.env)
    assert result.code == 1 and "nothing was verified" in result.err, result
    result = cdrx("verify", "s3://x", cwd=work.path, env=filled.env)
    assert result.code == 64 and "must name a bucket" in result.err, result
