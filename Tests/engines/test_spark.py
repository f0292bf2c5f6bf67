"""Shards as tasks of a standalone Spark: a master and two workers on loopback, one of which dies."""
import argparse
import pathlib
import re
import subprocess

import pyarrow
import pyarrow.parquet
import pyspark
import pytest

import harness
from conftest import DAYS, ROOT, Reaper, processes, shown

STREAM = "agent_out_missed"
SPARK = pathlib.Path(pyspark.__file__).parent


class Standalone:
    """A master and its workers, which see the night's programs as machines of their own would."""

    def __init__(self, night):
        self.night = night
        night.environment |= {
            "SPARK_HOME": str(SPARK), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1",
            "SPARK_CONF_DIR": str(night.path / "conf"), "PYSPARK_PYTHON": "python",
            # Short-lived processes: what compiles, collects and verifies least costs least.
            "JAVA_TOOL_OPTIONS":
                "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
                "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"}
        night.write("conf/spark-defaults.conf", "spark.ui.enabled false\n"
                    "spark.sql.shuffle.partitions 4\nspark.executor.memory 600m\n"
                    "spark.driver.memory 600m\n")
        self.daemons = []
        master = self.start("master.Master", "--port", "0", "--webui-port", "0")
        self.address = self.await_line(master, r"Starting Spark master at (spark://\S+)")
        for number in (1, 2):
            worker = self.start(
                "worker.Worker", "--cores", "2", "--memory", "1g", "--webui-port", "0",
                "--work-dir", str(night.path / f"worker-{number}"), self.address)
            self.await_line(worker, r"(Successfully registered with master)")
        night.environment["SPARK_MASTER"] = self.address

    def start(self, name, *options):
        log = open(self.night.path / f"daemon-{len(self.daemons)}.log", "w+")
        daemon = subprocess.Popen(
            [str(SPARK / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}",
             "--host", "127.0.0.1", *options], env=self.night.environment,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.daemons.append((daemon, log))
        return daemon, pathlib.Path(log.name)

    def await_line(self, daemon, pattern):
        process, path = daemon

        def line():
            assert process.poll() is None, path.read_text()
            return re.search(pattern, path.read_text())

        return harness.wait_until(line)[1]

    def stop(self):
        for daemon, log in reversed(self.daemons):
            daemon.terminate()
            daemon.wait(timeout=60)
            log.close()


def worker_of(process):
    """The worker that a process runs under, and all that runs under it: a machine that is lost."""
    parents = {}
    for number in processes():
        try:
            parents[number] = int(re.search(
                r"^PPid:\s+(\d+)", pathlib.Path(f"/proc/{number}/status").read_text(), re.M)[1])
        except OSError:
            continue
    names = processes()
    while not any("deploy.worker.Worker" in word for word in names[process]):
        process = parents[process]
    lost = [process]
    for number in lost:
        lost += [child for child, parent in parents.items() if parent == number]
    return lost


@pytest.fixture
def spark(night):
    spark = Standalone(night)
    yield spark
    spark.stop()


def test_the_recipe_exports_and_compacts_what_a_single_run_does(spark, night, single, simulator):
    [script] = shown("Spark", "sh")
    with Reaper(night, 2, worker_of) as reaper:
        printed = night.call(script)
    # The worker, its executor, Python's, and cdrx.
    assert len(reaper.killed or []) >= 4
    counts = "".join(f"{day}\t480\n" for day in DAYS)
    assert counts in printed
    assert night.published() == single.published()
    compacted(night)
    # A second night, on the worker that is left. A day that has no parts any more goes.
    simulator.forget()
    (night.path / "lake" / STREAM / "dt=2025-12-31").mkdir()
    assert counts in night.call(script.replace("2026-01-01", "2025-12-31"))
    assert simulator.requests() == 0
    assert night.published() == single.published()
    compacted(night)


def compacted(night):
    """One file a day, with every value of the committed parts."""
    lake = night.path / "lake" / STREAM
    files = sorted(path.parent.name for path in lake.rglob("*.parquet"))
    assert files == [f"dt={day}" for day in DAYS]
    order = [("started_at", "ascending"), ("account", "ascending"), ("call_id", "ascending")]
    for day in DAYS:
        [file] = (lake / f"dt={day}").glob("*.parquet")
        found = pyarrow.parquet.read_table(file, partitioning=None).sort_by(order)
        parts = [pyarrow.parquet.read_table(part, partitioning=None)
                 for partition in night.partitions() if day in partition
                 for part in night.parts(partition)]
        truth = pyarrow.concat_tables(parts).sort_by(order)
        assert found.schema.names == truth.schema.names
        assert found.cast(truth.schema).equals(truth)


def test_exit_codes_decide_about_another_attempt(night, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "samples" / "spark")
    monkeypatch.setenv("PATH", night.environment["PATH"])
    import nightly
    settings = argparse.Namespace(
        pipeline="calls.yaml", shards=4, state="state", option=["--quiet"], pause=0)
    for code in (1, 69, 75, 130, 143):
        night.program(f"exit {code}")
        with pytest.raises(RuntimeError, match=f"shard 3/4: exit code {code}"):
            nightly.export(3, settings)
    for code in (64, 77, 78):
        night.program(f"exit {code}")
        assert nightly.export(3, settings) == ("3/4", code)
        with pytest.raises(SystemExit, match=f"shard 3/4: exit code {code}"):
            nightly.check([("2/4", 0), ("3/4", code)])
    night.program('test "$*" = "run calls.yaml --shard 3/4 --state state --quiet"')
    assert nightly.export(3, settings) == ("3/4", 0)
    nightly.check([("3/4", 0)])
