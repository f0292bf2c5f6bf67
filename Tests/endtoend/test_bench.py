"""The benchmark's short form: every figure can be measured, and every row is there."""
import subprocess
import sys

from harness import CDRX, ROOT, environment


def test_every_figure_can_be_measured():
    completed = subprocess.run(
        [sys.executable, ROOT / "Tests" / "benchmarks" / "table.py", "--short"],
        env=environment({"CDRX": CDRX}), timeout=600, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stderr
    head, *figures = completed.stdout.splitlines()
    assert head.split() == ["figure", "value", "goal", "compared"]
    assert len(figures) == 21
