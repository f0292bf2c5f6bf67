#!/usr/bin/env python3
"""Measures cdrx beside references, in one call, and prints figure, value, goal and what was compared.

The simulator runs in another process; CPU is user + system of the measured process alone. A figure
counts only where every row is there. --short uses few rows and says nothing about speed."""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "endtoend"))
import harness  # noqa: E402
from harness import ROOT, OUT_ANSWERED, USER_OUT_MISSED, Workplace, measured, simulating, stream  # noqa: E402
from history import complete_history  # noqa: E402


class Bench:
    def __init__(self, options):
        self.runs = 1 if options.short else options.runs
        self.short = options.short
        self.work = Workplace(tempfile.mkdtemp(prefix="cdrx-bench-"))

    def scaled(self, count):
        return max(count // 100, 20) if self.short else count

    def median(self, run):
        """The run whose CPU is the median."""
        runs = sorted((run() for _ in range(self.runs)), key=lambda usage: usage.cpu)
        return runs[len(runs) // 2]

    def report(self, figure, value, goal, parts):
        print(f"{figure:<58}{value:>9.2f}  {goal:>7}  {parts}", flush=True)

    def export(self, simulator, rows, endpoint=OUT_ANSWERED, accounts=("main",), **settings):
        """A fresh export, measured; the rows of all manifests must be those expected."""
        # Former ones are deleted at the end: for minutes ext4 looks at each freed inode again, one
        # by one, before it makes a file, which cost a window up to three times what cdrx does.
        if self.work.exports.exists():
            self.work.exports.rename(tempfile.mkdtemp(prefix="former-", dir=self.work.path))
        settings["extract"] = {"requests_per_second": 100_000, **settings.get("extract", {})}
        self.work.pipeline([stream("calls", endpoint, simulator, *accounts)], **settings)
        usage = measured(harness.CDRX, "run", "pipeline.yaml", "--quiet", cwd=self.work.path)
        found = sum(self.work.manifest(name)["rows"] for name in self.work.partitions())
        assert found == rows, f"{found} rows instead of {rows}"
        return usage

    def files(self, suffix):
        return sorted(self.work.exports.rglob(f"part-*{suffix}"))

    def script(self, simulator, rows, size):
        usage = measured(
            sys.executable, HERE / "script.py", simulator.url, size, self.work.path / "script.csv.gz")
        assert int(usage.out) == rows
        return usage


def small_pages(bench):
    """Many pages of ten rows: what a page costs."""
    rows = bench.scaled(100_000)
    extract = {"pages_in_flight": 16, "page_size": 10}
    with simulating("--rows-per-day", rows) as simulator:
        ours = bench.median(lambda: bench.export(simulator, rows, extract=extract))
        script = bench.median(lambda: bench.script(simulator, rows, 10))
        plain = bench.median(lambda: bench.export(
            simulator, rows, extract=extract, output={"compression": "none"}))
        loop = bench.work.path / "curl_loop"
        subprocess.run(["cc", "-O2", "-o", loop, HERE / "curl_loop.c", "-lcurl", "-lpthread"], check=True)
        body = ('{"appid":1111113,"token":"right","start_date":1767225600000,'
                '"end_date":1767311999999,"page":%ld,"limit":10}')
        bare = bench.median(lambda: measured(
            loop, simulator.url + "/v1/outanswered", 16, rows // 10, body))
    bench.report(f"{rows} rows, 10 a page, gzip CSV: CPU ÷ aiohttp script", ours.cpu / script.cpu,
                 "≤ 0.35", f"{ours.cpu:.2f} s ÷ {script.cpu:.2f} s; wall {ours.wall:.2f} s")
    micro = 1e6 / (rows / 10)
    bench.report("the same: CPU µs a page besides compression", plain.cpu * micro,
                 "≤ 60", f"bare libcurl loop {bare.cpu * micro:.0f} µs; with gzip {ours.cpu * micro:.0f} µs")


def large_pages(bench):
    """Pages of a thousand rows: what a row costs."""
    rows = bench.scaled(300_000)
    extract = {"pages_in_flight": 16, "page_size": 1000}
    with simulating("--rows-per-day", rows) as simulator:
        script = bench.median(lambda: bench.script(simulator, rows, 1000))
        ours = bench.median(lambda: bench.export(simulator, rows, extract=extract))
    packed, = bench.files(".csv.gz")
    plain = bench.work.path / "rows.csv"
    plain.write_bytes(harness.unpacked(packed))
    reference = bench.work.path / "reference.gz"

    def gzip():
        with open(reference, "wb") as out:
            return measured("gzip", "-6", "-c", plain, stdout=out)

    gzip_usage = bench.median(gzip)
    sizes = f"{packed.stat().st_size} of {reference.stat().st_size} bytes"
    bench.report(f"{rows} rows, 1,000 a page, gzip CSV: CPU ÷ gzip -6", ours.cpu / gzip_usage.cpu,
                 "≤ 1.20", f"{ours.cpu:.2f} s ÷ {gzip_usage.cpu:.2f} s; {sizes}")
    bench.report("the same: size ÷ gzip -6", packed.stat().st_size / reference.stat().st_size, "≤ 1.00", sizes)
    bench.report("the same: CPU ÷ aiohttp script", ours.cpu / script.cpu,
                 "≤ 0.45", f"{ours.cpu:.2f} s ÷ {script.cpu:.2f} s")


def latency(bench):
    """One window behind a slow provider: how full the lanes are."""
    pages = bench.scaled(2_000)
    ideal = pages / 16 * 0.05
    with simulating("--rows-per-day", pages * 10, "--latency", 50) as simulator:
        usage = bench.median(lambda: bench.export(
            simulator, pages * 10, extract={"pages_in_flight": 16, "page_size": 10}))
    bench.report(f"{pages} pages at 50 ms, 16 lanes: wall ÷ ideal", usage.wall / ideal,
                 "≤ 1.04", f"{usage.wall:.2f} s ÷ {ideal:.2f} s")


def memory(bench):
    """Peak resident memory must not follow the window's size."""
    peaks = []
    for rows in map(bench.scaled, (100_000, 1_000_000)):
        with simulating("--rows-per-day", rows) as simulator:
            peaks.append(bench.export(
                simulator, rows, extract={"pages_in_flight": 16, "page_size": 1000}).peak / 1e6)
    bench.report("peak memory of one window, CSV, MB", peaks[1], "≤ 110", f"{rows} rows")
    bench.report("the same: growth from a tenth of the rows, %", 100 * (peaks[1] / peaks[0] - 1),
                 "≤ 10", f"{peaks[0]:.0f} MB → {peaks[1]:.0f} MB")
    rows = bench.scaled(3_000_000)
    with simulating("--rows-per-day", rows) as simulator:
        peak = bench.export(
            simulator, rows, extract={"pages_in_flight": 16, "page_size": 1000},
            output={"format": "parquet"}).peak / 1e6
    bench.report("peak memory of one window, Parquet, MB", peak, "≤ 200", f"{rows} rows")


def parquet(bench):
    """Pages to zstd Parquet, beside tools that read the same rows as local NDJSON."""
    rows = bench.scaled(1_000_000)
    extract = {"pages_in_flight": 16, "page_size": 1000}
    with simulating("--rows-per-day", rows) as simulator:
        bench.export(simulator, rows, extract=extract,
                     output={"format": "ndjson", "compression": "none", "part_bytes": "64GiB"})
        source = bench.work.path / "rows.ndjson"
        bench.files(".ndjson")[0].rename(source)
        ours = bench.median(lambda: bench.export(
            simulator, rows, extract=extract, output={"format": "parquet"}))
    for tool, goal in (("pyarrow", "≤ 0.50"), ("duckdb", "≤ 1.00")):
        def convert():
            usage = measured(sys.executable, HERE / "convert.py", tool, source,
                             bench.work.path / "reference.parquet")
            assert int(usage.out) == rows
            return usage

        other = bench.median(convert)
        bench.report(f"{rows} rows, 1,000 a page, Parquet: CPU ÷ {tool}", ours.cpu / other.cpu,
                     goal, f"{ours.cpu:.2f} s ÷ {other.cpu:.2f} s")


def windows(bench):
    """Windows without rows, and accounts with one page each: what a window costs."""
    hours = bench.scaled(1_000)
    last = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(harness.FIRST_DAY // 1000 + hours * 3600))
    every = {"every": "hour", "range": {"from": "2026-01-01", "to": last}}
    with simulating("--rows-per-day", 0) as simulator:
        usage = bench.median(lambda: bench.export(simulator, 0, windows=every))
    bench.report(f"{hours} windows without rows: CPU ms a window", usage.cpu * 1000 / hours,
                 "≤ 0.8", f"{usage.cpu:.2f} s")
    names = [f"agent-{number}" for number in range(bench.scaled(3_000))]
    with simulating("--rows-per-day", 5, "--latency", 50) as simulator:
        for goal, what, settings in ("≤ 5.6", "the defaults", {}), ("≤ 2.8", "64 lanes", {"lanes": 64}):
            usage = bench.median(lambda: bench.export(
                simulator, 5 * len(names), USER_OUT_MISSED, names, **settings))
            bench.report(f"{len(names)} accounts, one page each at 50 ms, {what}: wall s", usage.wall,
                         goal, f"CPU {usage.cpu * 1000 / len(names):.2f} ms a window")


def complete(bench):
    """A night that finds everything done, and what the commands that only look take."""
    days = 2 if bench.short else 100
    names = [f"agent-{number}" for number in range(bench.scaled(1_000))]
    count = days * len(names)
    work = Workplace(bench.work.path / "history")
    complete_history(work, names, days)
    run = (harness.CDRX, "run", "pipeline.yaml", "--quiet")
    night = bench.median(lambda: measured(*run, cwd=work.path))
    bench.report(f"{count} complete windows: wall s of a no-op night", night.wall, "≤ 0.15",
                 f"CPU {night.cpu:.2f} s, {night.peak / 1e6:.0f} MB")
    for figure, *options in ("status --windows", "--windows"), ("status --format json", "--format", "json"):
        status = bench.median(lambda: measured(
            harness.CDRX, "status", "pipeline.yaml", *options, cwd=work.path))
        assert status.out.count("complete") >= count
        bench.report(f"the same: wall s of {figure}", status.wall, "≤ 1", f"CPU {status.cpu:.2f} s")
        bench.report(f"the same: MB of {figure}", status.peak / 1e6, "≤ 60", "")
    load = "load", "pipeline.yaml", "--dialect", "duckdb", "--target", "t", "--dry-run"
    for look in ("plan", "pipeline.yaml"), load:
        usage = bench.median(lambda: measured(harness.CDRX, *look, cwd=work.path))
        bench.report(f"the same: wall s of {look[0]}", usage.wall, "–",
                     f"CPU {usage.cpu:.2f} s, {usage.peak / 1e6:.0f} MB")


def first_build(bench):
    """What a newcomer's machine does before the first export: only measured when it is named."""
    clone = bench.work.path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    usage = measured(clone / "samples" / "quickstart", bench.work.path / "first", cwd=clone)
    bench.report("first build and export in a clean clone: CPU s", usage.cpu, "≤ 250",
                 f"wall {usage.wall:.0f} s")


FIGURES = [small_pages, large_pages, latency, memory, parquet, windows, complete, first_build]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5, help="each figure is the median of so many")
    parser.add_argument("--short", action="store_true", help="few rows, one run: shows that all works")
    parser.add_argument("only", nargs="*", metavar="FIGURE", help="these alone; all but first-build otherwise")
    options = parser.parse_args()
    figures = {figure.__name__: figure for figure in FIGURES}
    wanted = [name.replace("-", "_") for name in options.only]
    wanted = wanted or [name for name in figures if name != "first_build"]
    if set(wanted) - set(figures):
        parser.error(f"the figures are {', '.join(figures)}")
    bench = Bench(options)
    print(f"{'figure':<58}{'value':>9}  {'goal':>7}  compared")
    try:
        for name in wanted:
            figures[name](bench)
    finally:
        subprocess.run(["rm", "-rf", str(bench.work.path)], check=True)


main()
