"""What a run publishes in an object store: the bytes of a local run, whatever it is killed at."""
import json
import os
import threading
import urllib.parse

import faulty
import harness
import pytest

# By hand: CDRX_STORE_KILLS=200.
KILLS = int(os.environ.get("CDRX_STORE_KILLS", "4"))
STREAMS = [("out_answered", harness.OUT_ANSWERED, ["main", "other"]), ("commo", harness.COMMO, ["hq"])]
PARTITIONS = 4


def write(work, simulator, place, **output):
    """Two streams over two days, one of two accounts, in parts of some rows."""
    streams = [harness.stream(name, endpoint, simulator, *accounts) for name, endpoint, accounts in STREAMS]
    return work.pipeline(
        streams, windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-03"}},
        output={"path": place, "part_bytes": "16KiB", **output}, state="state")


def contents(bucket, prefix):
    """What lies below a prefix: (partitions without manifests, manifests, run files, leases)."""
    found = [{}, {}, {}, {}]
    for key, data in bucket.objects(prefix).items():
        key = key.removeprefix(prefix)
        kind = (3 if key.startswith("_locks/") else 2 if key.startswith("_runs/")
                else 1 if key.endswith("/_manifest.json") else 0)
        found[kind][key] = data
    return found


def local_bytes(work):
    return {
        str(path.relative_to(work.exports)): path.read_bytes() for path in work.exports.rglob("*")
        if path.is_file() and path.name != "_manifest.json" and "_runs" not in path.parts
        and "_staging" not in path.parts and "_state" not in path.parts}


@pytest.fixture
def local(calm, tmp_path):
    """What a run writes into a directory, by the delimiter."""
    def run(delimiter):
        work = harness.Workplace(tmp_path / f"local {delimiter}")
        write(work, calm, "exports", csv={"delimiter": delimiter})
        assert work.run().code == 0
        return local_bytes(work)
    return run


def check_healed(work, bucket, prefix, expected):
    """Nothing lacks, nothing is left over, and loaders learn of every partition."""
    parts, manifests, run_files, leases = contents(bucket, prefix)
    assert parts == expected
    assert len(manifests) == PARTITIONS
    listing = bucket.listing(prefix)
    for key, data in manifests.items():
        check_whole(key, data, listing, prefix)
    listed = {
        partition["directory"] for data in run_files.values()
        for partition in harness.valid(json.loads(data), "run-file")["partitions"]}
    assert listed == {key.removesuffix("/_manifest.json") for key in manifests}
    [lease] = leases.values()
    assert json.loads(lease)["state"] == "released"
    assert list((work.path / "state/_staging").iterdir()) == []


def check_whole(key, data, listing, prefix):
    """Every part that a manifest names stands there in that version."""
    manifest = harness.valid(json.loads(data), "manifest")
    assert len(manifest["files"]) > 1
    for file in manifest["files"]:
        item = listing[prefix + key.replace("_manifest.json", file["path"])]
        assert (item["ETag"].strip('"'), item["Size"]) == (file["etag"], file["bytes"])


def test_a_store_holds_what_a_directory_would(work, calm, bucket, local):
    expected = local(",")
    write(work, calm, f"{bucket.uri}/exports")
    result = work.run("--format", "json", env=bucket.env)
    assert result.code == 0, result
    check_healed(work, bucket, "exports/", expected)

    calm.forget()
    again = work.run("--format", "json", env=bucket.env)
    assert (again.code, calm.requests()) == (0, 0), again
    check_healed(work, bucket, "exports/", expected)


class KillingProxy(faulty.FaultyProxy):
    """Kills a process before or after one of its requests is done."""

    def __init__(self, endpoint):
        super().__init__(endpoint, self.decide)
        self.mine = threading.local()
        self.aim(None, None, False)

    def aim(self, victim, number, is_after):
        self.victim, self.number, self.is_after, self.count = victim, number, is_after, 0

    def decide(self, number, method, path):
        self.count += 1
        self.mine.kills = self.count == self.number
        if self.mine.kills and not self.is_after:
            self.victim.kill()
            return faulty.REFUSED
        return faulty.WHOLE

    def _forward(self, method, request):
        answer = super()._forward(method, request)
        if self.mine.kills:
            self.victim.kill()
        return answer


@pytest.fixture
def killing(bucket):
    proxy = KillingProxy(bucket.store.endpoint)
    yield proxy
    proxy.stop()


def test_killed_at_any_request_the_next_run_heals_all(calm, bucket, killing, local, tmp_path):
    """A first publication, and every other time one that replaces what stands."""
    env = {**bucket.env, "AWS_ENDPOINT_URL_S3": killing.endpoint}
    expected = {"first": local(","), "replaced": local(";")}
    counts, killed = {}, 0
    for number in range(-2, KILLS):
        kind = ["first", "replaced"][number % 2]
        work = harness.Workplace(tmp_path / f"{number}")
        place = f"{bucket.uri}/kill-{number}"
        prefix = f"kill-{number}/"
        command = ["run"]
        if kind == "replaced":
            write(work, calm, place)
            assert work.run(env=bucket.env).code == 0
            write(work, calm, place, csv={"delimiter": ";"})
            command = ["backfill", "--from", "2026-01-01", "--to", "2026-01-03", "--force"]
        else:
            write(work, calm, place)
        killing.aim(None, None, False)
        run = command[0], "pipeline.yaml", *command[1:]
        if number < 0:
            result = harness.cdrx(*run, cwd=work.path, env=env)
            assert result.code == 0, result
            counts[kind] = killing.count
        else:
            # Each request once before any comes twice, and then the other way.
            turn = number // 2
            is_after = (turn + turn // counts[kind]) % 2 == 1
            aim = turn * 7 % counts[kind] + 1
            killing.lock.acquire()
            process = harness.start(*run, cwd=work.path, env=env)
            killing.aim(process, aim, is_after)
            killing.lock.release()
            result = harness.finish(process)
            killed += result.code == -9
            _, manifests, _, _ = contents(bucket, prefix)
            # Readers that follow a manifest find it, or its successor's parts, whose ETags differ.
            for data in manifests.values():
                harness.valid(json.loads(data), "manifest")
            killing.aim(None, None, False)
            result = harness.cdrx(*run, cwd=work.path, env=env)
            assert result.code == 0, (kind, aim, result)
        check_healed(work, bucket, prefix, expected[kind])
    assert killed >= KILLS * 0.8, (killed, counts)


class Gate:
    """A plan that holds a run up at the first part it stores."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, number, method, path):
        if method == "PUT" and "/part-" in path and not self.reached.is_set():
            self.key = urllib.parse.unquote(path).split("/", 2)[2]
            self.reached.set()
            self.opened.wait(60)
        return faulty.WHOLE


@pytest.fixture
def held(work, calm, bucket):
    """A run that is being held up while it publishes."""
    write(work, calm, f"{bucket.uri}/exports")
    gate = Gate()
    with faulty.faulty(bucket.store, gate) as proxy:
        process = work.start(env={**bucket.env, "AWS_ENDPOINT_URL_S3": proxy.endpoint})
        assert gate.reached.wait(60)
        yield process, gate
        gate.opened.set()
        process.kill()


def test_one_of_two_simultaneous_machines_is_refused(work, calm, bucket, held, local, tmp_path):
    process, gate = held
    other = harness.Workplace(tmp_path / "other machine")
    # The first machine may still be asking its own.
    with harness.simulating() as unasked:
        write(other, unasked, f"{bucket.uri}/exports")
        refused = other.run(env=bucket.env)
        assert refused.code == 75 and unasked.requests() == 0, refused
    assert f"{bucket.uri}/exports is held by process {process.pid} on " in refused.err
    assert "cdrx run" not in refused.out and "lease_held" in refused.err
    gate.opened.set()
    assert harness.finish(process).code == 0
    check_healed(work, bucket, "exports/", local(","))


def test_a_run_that_lost_its_lease_is_fenced(work, calm, bucket, held, local):
    """As if it had stalled for a minute: another machine has a newer lease, and wrote a part."""
    process, gate = held
    [(lease, _)] = bucket.listing("exports/_locks/").items()
    newer = lease.rsplit("/", 1)[0] + "/00000009"
    bucket.put(newer, bucket.get(lease).replace(b'"host": "', b'"host": "other-'))
    bucket.put(gate.key, b"theirs")
    gate.opened.set()
    lost = harness.finish(process)
    assert lost.code == 75, lost
    assert " on other-" in lost.err and "lease_lost" in lost.err
    assert bucket.get(gate.key) == b"theirs"
    # The other machine ends.
    bucket.put(newer, bucket.get(newer).replace(b'"held"', b'"released"'))
    assert work.run(env=bucket.env).code == 0
    check_healed(work, bucket, "exports/", local(","))
