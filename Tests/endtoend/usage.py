"""Runs a command for `harness.measured` and writes what it took to the file named first.

A process counts the memory of the process that started it, so that this one must be small."""
import json
import os
import sys
import time

report, *command = sys.argv[1:]
start = time.perf_counter()
process = os.posix_spawnp(command[0], command, os.environ)
_, status, used = os.wait4(process, 0)
wall = time.perf_counter() - start
with open(report, "w", encoding="utf-8") as out:
    json.dump({"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}, out)
sys.exit(os.waitstatus_to_exitcode(status))
