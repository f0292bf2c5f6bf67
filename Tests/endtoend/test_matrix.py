"""Every catalog entry under every fault: what is published is the truth, with 16 lanes, in three
formats. All entries are streams of one run, so that a fault costs one run.

CDRX_MATRIX=1 runs the faults, with CDRX_FAULT_SEEDS seeds."""
import collections
import os

import pytest
import yaml

import entries
from harness import CALL_LEGS, Workplace, simulating

whole = pytest.mark.skipif(os.environ.get("CDRX_MATRIX") != "1", reason="CDRX_MATRIX=1")
SEEDS = int(os.environ.get("CDRX_FAULT_SEEDS", "1"))
FORMATS = ["csv", "ndjson", "parquet"]
PATIENT = {"attempts": 30, "timeout": "2s", "pages_in_flight": 16, "max_rejects": "none"}
# A page that lies about the end can be believed if it does so twice in a row.
RATES = {"repeated-page": 0.03, "lost-next": 0.02, "hang": 0.01, "drift": 0.02, "leave": 0.02}
PASSING = [
    "http-429", "http-503", "reset", "cut-body", "bad-json", "code-in-200", "slow-body", "empty-page",
    "short-page", "repeated-page", "duplicate-row", "hang", "token-death", "dirty-rows", "lost-next",
    "repeated-cursor", "dead-cursor"]
MOVING = ["drift"]
TOTALS = ["total-lie", "total-low", "total-low-page", "total-of-page", "total-cap", "missing-total"]


def faults(names, rate):
    return [part for name in names for part in ("--fault", f"{name}={min(rate, RATES.get(name, rate))}")]


def export(path, arguments, confirm="edges", before=lambda simulator: None, **output):
    """Runs all entries against a simulator with faults: the workplace, its result, the simulator."""
    work = Workplace(path)
    with simulating("--pipeline", entries.OWN, *arguments) as simulator:
        before(simulator)
        # A leg that comes twice is another leg: such an answer is refused.
        streams = [entries.stream(name, simulator.url) for name in entries.entries()
                   if name != CALL_LEGS or "duplicate-row" not in " ".join(map(str, arguments))]
        work.pipeline(
            streams, extract={**PATIENT, "confirm": confirm}, lanes=16, output=output, endpoints=[str(entries.OWN)])
        result = work.run("--log-format", "json", timeout=600)
        yield work, result, simulator


def failed(result):
    return [event["message"] for event in result.events() if event["level"] == "error"]


def check_all(work, result, simulator, formats):
    wrong = [entries.difference(work, name, simulator) for name in entries.entries()
             if entries.partition(name) in work.partitions()]
    asked = {stream["stream"] for stream in yaml.safe_load((work.path / "pipeline.yaml").read_text())["streams"]}
    missing = [name for name in asked if entries.partition(name) not in work.partitions()]
    assert not any(wrong) and not missing, "\n".join(
        [*filter(None, wrong), f"not published: {missing}", *failed(result)])
    assert result.code == 0, result
    file = work.path / "pipeline.yaml"
    plain = file.read_text()
    for format_ in formats:
        file.write_text(plain.replace("output:\n", f"output:\n  format: {format_}\n"))
        before = simulator.requests()
        rebuilt = work.run(command="rebuild")
        assert rebuilt.code == 0 and simulator.requests() == before, rebuilt
        wrong = [entries.difference(work, name, simulator) for name in asked]
        assert not any(wrong), "\n".join(filter(None, wrong))


def test_without_faults(tmp_path):
    for work, result, simulator in export(tmp_path, ["--rows-per-day", 120]):
        check_all(work, result, simulator, [])


@whole
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_every_fault_at_once(tmp_path, seed):
    """And what was archived gives the same rows in every format."""
    arguments = ["--seed", seed, "--rows-per-day", 120, *faults(PASSING, 0.03)]
    for work, result, simulator in export(tmp_path, arguments):
        check_all(work, result, simulator, ["ndjson", "parquet"])


@whole
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_records_that_come(tmp_path, seed):
    arguments = ["--seed", seed, "--rows-per-day", 120, "--drift-rows", 5, *faults(MOVING, 0.02)]
    for work, result, simulator in export(tmp_path, arguments):
        check_all(work, result, simulator, [])


@whole
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_records_that_leave(tmp_path, seed):
    """What was there all the time is published; what left or came meanwhile, once or not at all. Every page
    is asked for twice: one record that leaves and one that enters between two answers change no total."""
    arguments = ["--seed", seed, "--rows-per-day", 120, *faults(["leave"], 0.02)]
    before = {}

    def look(simulator):
        before.update({name: counted(entries.wanted_rows(name, simulator)[0]) for name in entries.entries()})

    for work, result, simulator in export(tmp_path, arguments, "all", before=look):
        assert result.code == 0, failed(result)
        left = 0
        for name in entries.entries():
            after = counted(entries.wanted_rows(name, simulator)[0])
            found = counted(entries.found_rows(work, name))
            assert before[name] & after <= found <= before[name] | after, name
            left += (before[name] - after).total()
        assert left > 0


def counted(rows):
    return collections.Counter(tuple(row.values()) for row in rows)


@whole
@pytest.mark.parametrize("index, fault", list(enumerate(PASSING + MOVING)))
def test_each_fault_alone(tmp_path, index, fault):
    arguments = ["--rows-per-day", 120, "--drift-rows", 20 * (fault == "drift"), *faults([fault], 0.1)]
    for work, result, simulator in export(
            tmp_path, arguments, "all" if fault in MOVING else "edges", format=FORMATS[index % 3]):
        if fault != "dirty-rows":
            assert simulator.statistics()["faults"][fault] > 0
        check_all(work, result, simulator, [])


@whole
@pytest.mark.parametrize("rate", [0.05, 1])
@pytest.mark.parametrize("fault", TOTALS)
def test_a_total_that_lies_is_never_believed(tmp_path, fault, rate):
    """What is published is the truth; what cannot be shown to be is not published."""
    arguments = ["--rows-per-day", 120, *faults([fault], rate)]
    for work, result, simulator in export(tmp_path, arguments):
        there = [name for name in entries.entries() if entries.partition(name) in work.partitions()]
        wrong = [entries.difference(work, name, simulator) for name in there]
        assert not any(wrong), "\n".join(filter(None, wrong))
        # Answers without a total cannot lie about it.
        assert {name for name in entries.entries() if not entries.entries()[name]["response"].get("total")} \
            <= set(there), failed(result)
