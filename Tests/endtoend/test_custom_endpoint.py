"""`samples/custom-endpoint`: an invented telephone system, from its entry alone to rows."""
import os
import re
import shutil
import subprocess

import pytest
import yaml

import harness
from harness import ROOT, cdrx, records, simulating
from provider import providing

SAMPLE = ROOT / "samples" / "custom-endpoint"
PAGE = (SAMPLE / "README.md").read_text(encoding="utf-8")
ID = "brightline.v3.calls"
FILES = ("brightline.yaml", "calls.yaml")


@pytest.fixture
def place(work):
    for name in FILES:
        shutil.copy(SAMPLE / name, work.path / name)
    return work


def surroundings(work, url):
    programs = work.path / "bin"
    programs.mkdir()
    (programs / "cdrx").symlink_to(harness.CDRX)
    return {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "BRIGHTLINE_URL": url,
            "BRIGHTLINE_KEY": "any"}


def test_its_commands_lead_to_rows(place):
    [script] = re.findall(r"^```sh\n(.*?)```", PAGE, re.S | re.M)
    [options] = re.findall(r"^cdrx simulate (.*) &$", PAGE, re.M)
    options = options.replace("calls.yaml", str(SAMPLE / "calls.yaml")).split()
    with simulating(*options) as simulator:
        done = subprocess.run(
            ["bash", "-eu", "-c", script], cwd=place.path, capture_output=True, text=True,
            env=harness.environment(surroundings(place, simulator.url)), timeout=300)
        assert done.returncode == 0, done
        truth = records(simulator._get(
            "/_truth", endpoint=ID, account="vienna",
            **{"from": harness.FIRST_DAY + 82_800_000, "to": harness.FIRST_DAY + 169_200_000}))
    assert "set aside" not in done.stdout and "RECORD 3" in done.stdout
    head, rows = harness.csv_rows(place.content("calls/dt=2026-01-02"))
    found = sorted(row[head.index("call_id")] for row in rows)
    assert found == sorted(str(dict(record)["call_id"]) for record in truth) and len(found) > 200


def test_the_handbook_s_response_gives_the_golden_rows(place):
    with providing(lambda request: (200, (SAMPLE / "response.json").read_text())) as provider:
        result = cdrx("run", "calls.yaml", "--now", "2026-01-02T09:00", cwd=place.path,
                      env={"BRIGHTLINE_URL": provider.url, "BRIGHTLINE_KEY": "any"})
    assert result.code == 0, result
    [request] = provider.requests
    assert request.path == "/v3/offices/vienna/calls"
    assert request.fields == {
        "order": "begun", "since": "2025-12-31T23:00:00Z", "before": "2026-01-01T23:00:00Z",
        "skip": "0", "take": "50", "kind": "all"}
    golden = SAMPLE / "rows.csv"
    found = place.content("calls/dt=2026-01-01").decode()
    if os.environ.get("RECORD"):
        golden.write_text(found, encoding="utf-8")
        pytest.fail(f"recorded {golden}")
    assert found == golden.read_text(encoding="utf-8")


def test_what_names_an_account_may_stand_in_the_file(place):
    given = cdrx("validate", "calls.yaml", cwd=place.path, env={"BRIGHTLINE_KEY": "any"})
    assert given.code == 0 and "warning" not in given.err, given
    pipeline = (place.path / "calls.yaml").read_text().replace("${BRIGHTLINE_KEY}", "any")
    place.write("calls.yaml", pipeline)
    literal = cdrx("validate", "calls.yaml", cwd=place.path)
    assert "warning: `api_key` of account `vienna` stands in the file" in literal.err, literal


def test_the_reference_shows_the_same_entry():
    reference = (ROOT / "pipelines" / "README.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"### From a handbook to an entry.*?```yaml\n(.*?)```", reference, re.S)
    assert shown == (SAMPLE / "brightline.yaml").read_text().split("\n", 1)[1]


def test_every_line_of_the_entry_is_explained():
    """Each key of the entry stands in the first column of the table."""
    table = PAGE.split("## The entry, line by line")[1].split("\n## ")[0]
    explained = set(re.findall(r"[\w_]+", " ".join(
        line.split("|")[1] for line in table.splitlines() if line.startswith("| "))))
    entry = yaml.safe_load((SAMPLE / "brightline.yaml").read_text())
    [endpoint] = entry["endpoints"]
    keys = set(entry) - {"endpoints"} | set(endpoint) - {"request", "response", "fields"}
    keys |= set(endpoint["request"]) | set(endpoint["response"])
    assert keys - explained == set()
    fields = [field["name"] for field in endpoint["fields"]]
    assert {name for name in fields if name not in explained} <= {"begun", "picked_up"}
