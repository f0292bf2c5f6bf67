"""What a run publishes in an object store: the bytes of a local run, whatever it is killed at."""
import json

import harness

STREAMS = [("out_answered", harness.OUT_ANSWERED, ["main", "other"]), ("commo", harness.COMMO, ["hq"])]


def write(work, simulator, place, name="pipeline.yaml", **output):
    """Two streams over two days, one of two accounts, in parts of some rows."""
    streams = [harness.stream(name, endpoint, simulator, *accounts) for name, endpoint, accounts in STREAMS]
    return work.pipeline(
        streams, name=name, windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-03"}},
        output={"path": place, "part_bytes": "16KiB", **output}, state="state")


def published(bucket, prefix="exports/"):
    """Everything but manifests, run files and leases."""
    return {
        key.removeprefix(prefix): data for key, data in bucket.objects(prefix).items()
        if "/_locks/" not in key and "/_runs/" not in key and not key.endswith("/_manifest.json")}


def local_bytes(work):
    return {
        str(path.relative_to(work.exports)): path.read_bytes() for path in work.exports.rglob("*")
        if path.is_file() and path.name != "_manifest.json" and "_runs" not in path.parts
        and "_staging" not in path.parts and "_state" not in path.parts}


def test_a_store_holds_what_a_directory_would(work, calm, bucket, tmp_path):
    local = harness.Workplace(tmp_path / "local")
    write(local, calm, "exports")
    assert local.run().code == 0

    write(work, calm, f"{bucket.uri}/exports")
    result = work.run("--format", "json", env=bucket.env)
    assert result.code == 0, result
    assert published(bucket) == local_bytes(local)
    listing = bucket.listing("exports/")
    for key in [key for key in listing if key.endswith("/_manifest.json")]:
        manifest = harness.valid(json.loads(bucket.get(key)), "manifest")
        assert len(manifest["files"]) > 1
        for file in manifest["files"]:
            item = listing[key.replace("_manifest.json", file["path"])]
            assert (item["ETag"].strip('"'), item["Size"]) == (file["etag"], file["bytes"])
    [run_file] = [key for key in listing if "/_runs/" in key]
    run_file = harness.valid(json.loads(bucket.get(run_file)), "run-file")
    assert len(run_file["partitions"]) == 4

    calm.forget()
    again = work.run("--format", "json", env=bucket.env)
    assert (again.code, calm.requests()) == (0, 0), again
    assert published(bucket) == local_bytes(local)
