"""Peak memory does not follow the size of a window."""
import subprocess
import sys

import pytest

import harness
from harness import OUT_ANSWERED, Workplace, simulating, stream

# Linux counts the memory of whoever starts a process into that process's peak, and pytest is large.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(path, rows, output):
    """Kilobytes of a run over one window of so many rows, in slices of 2,000 rows."""
    work = Workplace(path)
    path.mkdir()
    with simulating("--rows-per-day", rows) as simulator:
        work.pipeline(
            [stream("calls", OUT_ANSWERED, simulator, "main")], output=output,
            extract={"pages_in_flight": 4, "page_size": 500, "slice_pages": 4})
        measured = subprocess.run(
            [sys.executable, "-c", MEASURE, harness.CDRX, "run", "pipeline.yaml", "--quiet"],
            cwd=work.path, env=harness.environment(), check=True, capture_output=True, text=True)
    assert sum(work.manifest(name)["rows"] for name in work.partitions()) == rows
    return int(measured.stdout)


@pytest.mark.parametrize("output", [
    {"format": "csv"},
    # Parts small enough that both windows fill some.
    {"format": "parquet", "part_bytes": "1MiB"},
], ids=lambda output: output["format"])
def test_ten_times_the_rows_take_no_more_memory(tmp_path, output):
    small = peak(tmp_path / "small", 8_000, output)
    assert small > 20_000
    # How threads meet adds up to 8 MB to runs on a busy machine; 72,000 rows more are tens of them.
    limit = small * 1.2
    for attempt in range(3):
        large = peak(tmp_path / f"large-{attempt}", 80_000, output)
        if large <= limit:
            break
    assert large <= limit, f"{small} kB, then {large} kB"
