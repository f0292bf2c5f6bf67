"""Figures of Tests/scale.md: each measured at several sizes, and extrapolated with its growth.

    Tests/scale [--sizes 10000,30000,100000] [--layouts window,account]

A ledger is filled as cdrx fills it (Tests/endtoend/history.py), then commands are timed on it. The growth is the
exponent b of `a × size^b` that fits the sizes best; the last column is that curve at 73 million windows."""
import argparse
import math
import os
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "endtoend"))

import harness  # noqa: E402
from harness import USER_OUT_MISSED, Workplace, measured, stream  # noqa: E402
from history import complete_history  # noqa: E402

TARGET = 73_000_000
DAYS = 100
LAYOUTS = {"window": {}, "account": {"partition": "account"}}


def fitted(points):
    """The exponent, and the value at TARGET."""
    logs = [(math.log(size), math.log(max(value, 1e-9))) for size, value in points]
    count = len(logs)
    mean_x, mean_y = (sum(log[place] for log in logs) / count for place in (0, 1))
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread if spread else 0
    return slope, math.exp(mean_y + slope * (math.log(TARGET) - mean_x))


def plan_file(work, size):
    """A pipeline of accounts that nothing is known of, in a file, as thousands of accounts are."""
    names = [f"agent-{number}" for number in range(size // DAYS)]
    work.write("agents.csv", "account,token\n" + "".join(f"{name},{name}\n" for name in names))
    calls = {**stream("calls", USER_OUT_MISSED, "http://127.0.0.1:9"), "accounts": {"file": "agents.csv"}}
    work.pipeline([calls], windows={"every": "day", "range": {"from": "2026-01-01", "to": "2026-04-11"}})


def fresh_plans(size):
    """Windows that were never begun."""
    with tempfile.TemporaryDirectory() as directory:
        work = Workplace(directory)
        plan_file(work, size)
        for name, options in ("lines", ["--format", "ndjson"]), ("summary", ["--summary", "--quiet"]):
            with open(os.devnull, "w", encoding="utf-8") as nowhere:
                usage = measured(harness.CDRX, "plan", "pipeline.yaml", *options, cwd=work.path, stdout=nowhere)
            yield f"plan, {name}: wall s", usage.wall
            yield f"plan, {name}: peak MB", usage.peak / 1e6


def nights(size, layout):
    """Windows that are all complete: a night that finds nothing to do."""
    directory = tempfile.mkdtemp()
    try:
        work = Workplace(directory)
        write = work.pipeline
        work.pipeline = lambda *given, **more: write(*given, **more, output=LAYOUTS[layout])
        complete_history(work, [f"agent-{number}" for number in range(size // DAYS)], DAYS)
        ledger = (work.exports / "_state" / "ledger.sqlite").stat().st_size
        yield f"ledger, {layout}: bytes a window", ledger / size
        night = [harness.CDRX, "run", "pipeline.yaml", "--quiet"]
        usage = min((measured(*night, cwd=work.path) for _ in range(3)), key=lambda usage: usage.wall)
        yield f"no-op night over all, {layout}: wall s", usage.wall
        yield f"no-op night over all, {layout}: peak MB", usage.peak / 1e6
        file = work.path / "pipeline.yaml"
        file.write_text(file.read_text(encoding="utf-8").replace("2026-01-01", "2026-04-10"), encoding="utf-8")
        usage = min((measured(*night, cwd=work.path) for _ in range(3)), key=lambda usage: usage.wall)
        yield f"no-op night over yesterday, {layout}: wall s", usage.wall
        yield f"no-op night over yesterday, {layout}: peak MB", usage.peak / 1e6
    finally:
        shutil.rmtree(directory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="10000,30000,100000", help="account windows, of 100 days each")
    parser.add_argument("--layouts", default=",".join(LAYOUTS))
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    points = {}
    for size in sizes:
        found = list(fresh_plans(size))
        for layout in options.layouts.split(","):
            found += nights(size, layout)
        for name, value in found:
            points.setdefault(name, []).append((size, value))
    heads = "".join(f"{size:>12,}" for size in sizes)
    print(f"{'figure':<48}{heads}{'growth':>9}{TARGET:>14,}")
    for name, values in points.items():
        slope, end = fitted(values)
        shown = "".join(f"{value:>12.3g}" for _, value in values)
        print(f"{name:<48}{shown}{slope:>9.2f}{end:>14.4g}")


main()
