"""What the engines share: a simulator, a night's pipeline as the recipes show it, and what a single run makes of it."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "endtoend"))

import harness  # noqa: E402
from stores import _servers, moto  # noqa: E402, F401

CDRX = os.environ.get("CDRX_PROGRAM", harness.CDRX)
PAGE = (ROOT / "samples" / "README.md").read_text(encoding="utf-8")
NOW = "2026-01-05T02:30:00Z"
DAYS = [f"2026-01-0{day}" for day in range(1, 5)]
SHARDS = 4
# The end of a script that stands for cdrx.
EXPORT = f'exec {CDRX} "$@"'


def recipe(title):
    """The text below a heading of samples/README.md, down to the next one."""
    [text] = re.findall(rf"^##? {title}\n(.*?)(?=^##? [A-Z]|\Z)", PAGE, re.M | re.S)
    return text


def shown(title, language):
    """The blocks of a language that a recipe shows."""
    return re.findall(rf"^```{language}[^\n]*\n(.*?)^```", recipe(title), re.M | re.S)


class Night(harness.Workplace):
    """A directory with the recipes' files, and programs on the PATH that they call."""

    def __init__(self, path, simulator):
        super().__init__(path)
        self.simulator = simulator
        [pipeline] = shown("Over many machines", "yaml")
        [accounts] = shown("Over many machines", "csv")
        self.write("calls.yaml", pipeline)
        self.write("agents.csv", accounts)
        self.programs = self.path / "bin"
        self.programs.mkdir()
        self.program(EXPORT)
        (self.path / "samples").symlink_to(ROOT / "samples")
        # Python and what was installed with it: duckdb, spark-submit.
        installed = pathlib.Path(sys.executable).parent
        self.environment = harness.environment({
            "PATH": os.pathsep.join([str(self.programs), str(installed), os.environ["PATH"]]),
            "TELECMI_URL": simulator.url, "RATE": "10000"})

    def program(self, script):
        """Makes `cdrx` a shell script for all that calls it by its name."""
        path = self.programs / "cdrx"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def cdrx(self, *arguments):
        return harness.cdrx(*arguments, cwd=self.path, env=self.environment)

    def call(self, *command, code=0, **environment):
        """Runs a command, or a script as a recipe shows it."""
        if len(command) == 1:
            command = ["bash", "-eu", "-c", command[0]]
        completed = subprocess.run(
            [str(word) for word in command], cwd=self.path, env={**self.environment, **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
        printed = completed.stdout + completed.stderr
        assert completed.returncode == code, f"exit {completed.returncode}\n{printed[-9000:]}"
        return printed

    def states(self):
        return self.path / "state"

    def published(self):
        """Every part's bytes, and what each manifest says but for run and times of its writing."""
        manifests = {}
        for partition in self.partitions():
            manifest = self.manifest(partition)
            for name in ("run_id", "published_at"):
                del manifest[name]
            for account in manifest["accounts"]:
                for name in ("first_started_at", "last_started_at", "extracted_at"):
                    account.pop(name)
            manifests[partition] = manifest
        return self.part_bytes(), manifests


def ending(night, ends):
    """Lines of a script that end a shard's first attempts with these codes."""
    cases = [
        f'"{command} "*"--shard {shard}/{SHARDS}"*) '
        + "".join(f"mkdir {night.path}/{command}-{code} 2>/dev/null && exit {code}; " for code in codes)
        + ";;"
        for (command, shard), codes in ((key.split(), codes) for key, codes in ends.items())]
    return "\n".join(['case "$*" in', *cases, "esac\n"])


class Reaper(threading.Thread):
    """Kills what `victims` makes of the first cdrx of a shard, which is slow, as soon as its archive holds something."""

    def __init__(self, night, shard, victims=lambda process: [process], first="", now=""):
        super().__init__(daemon=True)
        self.night, self.shard, self.victims = night, f"{shard}/{SHARDS}", victims
        self.killed = None
        night.program(
            f'{first}case "$*" in *"--shard {self.shard}"*) mkdir {night.path}/slow 2>/dev/null && '
            f'export RATE=10 ;; esac\n{EXPORT} {now}')
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(0.05):
            process = self.find()
            if process is not None and self.has_begun():
                self.killed = self.victims(process)
                for victim in self.killed:
                    os.kill(victim, signal.SIGKILL)
                return

    def find(self):
        for process, words in processes().items():
            here = any(str(self.night.path) in word for word in words)
            if "run" in words and self.shard in words and here:
                return process
        return None

    def has_begun(self):
        state = self.night.states() / "shards" / self.shard.replace("/", "-of-")
        return any(path.stat().st_size > 0 for path in state.glob("archive/*/*"))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def processes():
    """The command line of every process that still runs."""
    found = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")[:-1]
        except OSError:
            continue
        if words:
            found[int(path.parent.name)] = words
    return found


@pytest.fixture(scope="session")
def simulator():
    assert os.access(CDRX, os.X_OK), f"{CDRX} is not built"
    with harness.simulating("--rows-per-day", 60) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def single(simulator, tmp_path_factory):
    """The night by one run on one machine."""
    night = Night(tmp_path_factory.mktemp("single"), simulator)
    result = night.cdrx("run", "calls.yaml", "--now", NOW, "--format", "json")
    assert result.code == 0, result
    assert {window["window"] for window in result.windows()} == set(DAYS)
    return night


@pytest.fixture
def night(simulator, tmp_path):
    simulator.forget()
    return Night(tmp_path, simulator)
