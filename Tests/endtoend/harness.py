"""Starts cdrx and its simulator, writes pipeline files, and reads what was exported."""
import contextlib
import csv
import functools
import gzip
import hashlib
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CDRX = os.environ.get("CDRX", str(ROOT / ".build" / "debug" / "cdrx"))
DAY = 86_400_000
# 2026-01-01T00:00:00Z, where the simulator's data begins.
FIRST_DAY = 1_767_225_600_000

OUT_ANSWERED = "telecmi.v1.outanswered"
AGENT_OUT_MISSED = "telecmi.v1.agentOutMissed"
USER_OUT_MISSED = "telecmi.v2.user.out_missed"
CALL_LEGS = "piopiy.requestid_cdr"
COMMO = "commo.get_bill"


def environment(extra=None):
    """The environment of a child: nothing of ours that could change what it does."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**keep, **(extra or {})}


# The schema in `pipelines/` of what a command prints with `--format json`, a line each.
REPORTS = {
    "run": "run-report", "backfill": "run-report", "rebuild": "run-report", "plan": "plan",
    "plan-summary": "plan-summary", "status": "status", "verify": "verify", "check": "check", "rejects": "rejects",
    "endpoints": "endpoints", "files": "files", "load": "load", "archive list": "archive-list",
    "archive verify": "archive-verify", "archive prune": "archive-prune", "trial": "trial",
}


@functools.cache
def contract(schema):
    """`name`, or `name#part` for one of its definitions."""
    name, _, part = schema.partition("#")
    value = json.loads((ROOT / "pipelines" / f"{name}.schema.json").read_text())
    if part:
        value = {"$ref": f"#/$defs/{part}", "$defs": value["$defs"]}
    jsonschema.Draft202012Validator.check_schema(value)
    return jsonschema.Draft202012Validator(value)


def valid(value, schema):
    """Checks a value against its JSON Schema in `pipelines/`."""
    error = jsonschema.exceptions.best_match(contract(schema).iter_errors(value))
    assert error is None, f"{schema}: {error.json_path}: {error.message}"
    return value


class Result:
    """What a finished cdrx said. Whatever of it is JSON must be as its schema says."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr
        command, *arguments = list(completed.args)[1:] or [""]
        if command == "archive":
            command = f"archive {arguments[0]}"
        if command == "endpoints" and "--try" in arguments:
            command = "trial"
        if command == "plan" and "--summary" in arguments:
            command = "plan-summary"
        if command == "plan" and ("--format", "ndjson") in zip(arguments, arguments[1:]):
            for line in self.lines():
                valid(line, "plan#window")
        is_report = ("--format", "json") in zip(arguments, arguments[1:])
        if is_report and (command != "load" or "--dry-run" in arguments):
            for line in self.lines():
                valid(line, REPORTS[command])
        if ("--log-format", "json") in zip(arguments, arguments[1:]):
            for line in self.events():
                valid(line, "log-event")

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    def lines(self):
        """Stdout as JSON values, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    def report(self):
        """The one JSON report on stdout."""
        [report] = self.lines()
        return report

    def windows(self):
        """The windows of the one JSON report on stdout."""
        return self.report()["windows"]

    def events(self):
        """Stderr as JSON values, one a line."""
        return [json.loads(line) for line in self.err.splitlines()]

    def table(self):
        """Rows of a printed table as dictionaries."""
        head, *rows = self.out.splitlines()
        names = head.split()
        return [dict(zip(names, row.split())) for row in rows]


def cdrx(*arguments, cwd=None, env=None, timeout=300):
    completed = subprocess.run(
        [CDRX, *map(str, arguments)], cwd=cwd, env=environment(env), timeout=timeout,
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return Result(completed)


def start(*arguments, cwd=None, env=None):
    """A cdrx that runs on while the test does something to it."""
    return subprocess.Popen(
        [CDRX, *map(str, arguments)], cwd=cwd, env=environment(env), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@dataclass
class Usage:
    """What a process took to its end: seconds and bytes."""
    wall: float
    cpu: float
    peak: int
    out: str


def measured(*command, cwd=None, stdout=None):
    """Runs a process, which must end well; its own children count, ours do not."""
    with tempfile.NamedTemporaryFile() as report:
        completed = subprocess.run(
            [sys.executable, "-I", "-S", pathlib.Path(__file__).with_name("usage.py"), report.name,
             *map(str, command)],
            cwd=cwd, env=environment(), stdin=subprocess.DEVNULL, stdout=stdout or subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        assert completed.returncode == 0, f"{command}: exit {completed.returncode}\n{completed.stderr}"
        return Usage(**json.load(report), out=completed.stdout)


class Simulator:
    """`cdrx simulate` on a free port."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [CDRX, "simulate", "--port", "0", *map(str, arguments)], env=environment(),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("serving on http://127.0.0.1:"), line
        self.url = line.split()[-1]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def _get(self, path, **query):
        query = urllib.parse.urlencode(query)
        with urllib.request.urlopen(f"{self.url}{path}?{query}", timeout=60) as answer:
            return answer.read().decode()

    def truth(self, endpoint, account, first=FIRST_DAY, days=1, until=None):
        """Records from `first` on, each a list of (name, value); numbers are their text."""
        until = first + days * DAY if until is None else until
        return records(self._get("/_truth", endpoint=endpoint, account=account,
                                 **{"from": first, "to": until}))

    def legs(self, account, ids):
        return records(self._get("/_truth", endpoint=CALL_LEGS, account=account, ids=",".join(ids)))

    def statistics(self):
        return json.loads(self._get("/_stats"))

    def requests(self):
        return sum(self.statistics()["requests"].values())

    def forget(self):
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_reset", method="POST")).read()


class Token(str):
    """A JSON number as it is spelt."""


def parse(text):
    """JSON with members in order and numbers as they are spelt."""
    return json.loads(text, object_pairs_hook=list, parse_int=Token, parse_float=Token)


def records(text):
    return parse(text)


@contextlib.contextmanager
def simulating(*arguments):
    simulator = Simulator(*arguments)
    try:
        yield simulator
    finally:
        simulator.stop()


class Workplace:
    """A directory with pipeline files in it and an export below it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.exports = self.path / "exports"

    def write(self, name, content):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def pipeline(self, streams, name="pipeline.yaml", windows=None, extract=None, output=None, **top):
        """Writes a pipeline file; what is not said is what the tests like best."""
        value = {
            "pipeline": "test",
            "windows": windows or {"every": "day", "range": {"from": "2026-01-01", "to": "2026-01-02"}},
            "extract": {"requests_per_second": 10000, **(extract or {})},
            "output": {"path": "exports", **(output or {})},
            "streams": streams,
            **top,
        }
        return self.write(name, yaml.safe_dump(value, sort_keys=False, allow_unicode=True))

    def run(self, *arguments, command="run", file="pipeline.yaml", **options):
        known = set(self.run_file_paths())
        result = cdrx(command, file, *arguments, cwd=self.path, **options)
        for path in set(self.run_file_paths()) - known:
            for partition in valid(json.loads(path.read_text()), "run-file")["partitions"]:
                self.manifest(partition["directory"])
        return result

    def start(self, *arguments, command="run", file="pipeline.yaml", **options):
        return start(command, file, *arguments, cwd=self.path, **options)

    def partitions(self):
        """Directories of complete partitions, relative to the export."""
        return sorted(
            str(path.parent.relative_to(self.exports)) for path in self.exports.rglob("_SUCCESS")
            if "_staging" not in path.parts)

    def missing(self):
        """Directories of partitions that are not complete, and the accounts that they lack."""
        found = {}
        for path in sorted(self.exports.rglob("_manifest.json")):
            directory = str(path.parent.relative_to(self.exports))
            if "_staging" not in path.parts and directory not in self.partitions():
                found[directory] = [
                    entry["account"] for entry in self.manifest(directory)["accounts"]
                    if entry["state"] == "missing"]
        return found

    def manifest(self, partition):
        return valid(
            json.loads((self.exports / partition / "_manifest.json").read_text()), "manifest")

    def run_file_paths(self):
        """The run files in their order."""
        return sorted((self.exports / "_runs").glob("*.json"))

    def parts(self, partition):
        return [self.exports / partition / file["path"] for file in self.manifest(partition)["files"]]

    def content(self, partition):
        """The uncompressed bytes of all parts, one after the other."""
        return b"".join(unpacked(path) for path in self.parts(partition))

    def state(self):
        """Every file below the export but state and run files: path → (mtime, size, SHA-256)."""
        found = {}
        for path in sorted(self.exports.rglob("*")):
            relative = path.relative_to(self.exports)
            if path.is_file() and relative.parts[0] not in ("_state", "_runs", "_staging"):
                data = path.read_bytes()
                found[str(relative)] = (
                    path.stat().st_mtime_ns, len(data), hashlib.sha256(data).hexdigest())
        return found

    def part_bytes(self):
        """Every part and rejects file: path → SHA-256. Manifests name their run, so not they."""
        return {
            path: entry[2] for path, entry in self.state().items()
            if not path.endswith(("_manifest.json", "_SUCCESS"))}


def unpacked(path):
    data = pathlib.Path(path).read_bytes()
    return gzip.decompress(data) if str(path).endswith(".gz") else data


def csv_rows(data, delimiter=",", strict=True):
    """What Python's csv module makes of bytes: a header and rows of text."""
    text = io.StringIO(data.decode("utf-8"), newline="")
    head, *rows = csv.reader(text, delimiter=delimiter, strict=strict)
    return head, rows


def ndjson_rows(data):
    lines = data.decode("utf-8").split("\n")
    assert lines.pop() == ""
    return [parse(line) for line in lines]


def stream(name, endpoint, simulator, *accounts, **more):
    """A stream whose accounts all have the credential that their endpoint needs."""
    return {
        "stream": name, "endpoint": endpoint,
        "base_url": base_url(endpoint, getattr(simulator, "url", simulator)),
        "accounts": [credentials(endpoint, account) for account in accounts], **more}


def base_url(endpoint, url):
    return url + "/commo" if endpoint == COMMO else url


def credentials(endpoint, account):
    """`name` or `name:secret`; the simulator takes any secret but wrong… and dead…"""
    name, _, secret = account.partition(":")
    if endpoint in (OUT_ANSWERED, CALL_LEGS):
        key = "token" if endpoint == OUT_ANSWERED else "secret"
        return {"account": name, "appid": 1111113, key: secret or "right"}
    return {"account": name, "token": secret or name}


def owner(endpoint, account):
    """Whose records the simulator gives to such an account."""
    name, _, secret = account.partition(":")
    return "1111113" if endpoint in (OUT_ANSWERED, CALL_LEGS) else secret or name


def wait_until(what, seconds=60):
    """Polls another process; there is nothing to be woken by."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = what()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def finish(process, seconds=120):
    out, err = process.communicate(timeout=seconds)
    return Result(subprocess.CompletedProcess(process.args, process.returncode, out, err))


def kill(process):
    process.send_signal(signal.SIGKILL)
    return finish(process)
