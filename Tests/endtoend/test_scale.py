"""The measurements of Tests/scale.md: every figure can be taken, and stays within its goal at a small size."""
import subprocess
import sys

from harness import CDRX, ROOT, environment


def test_what_grows_can_be_measured():
    completed = subprocess.run(
        [sys.executable, ROOT / "Tests" / "benchmarks" / "scale.py", "--sizes", "200,1000", "--layouts", "account"],
        env=environment({"CDRX": CDRX}), timeout=300, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stderr
    head, *figures = completed.stdout.splitlines()
    assert head.split()[0] == "figure" and len(figures) == 9
    [ledger] = [line for line in figures if line.startswith("ledger")]
    small, large = map(float, ledger.split("window")[1].split()[:2])
    assert large < small and large < 600, ledger
