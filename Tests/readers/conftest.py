"""Exports for the readers: made by cdrx from a hostile provider, once for each combination."""
import functools
import itertools
import os
import pathlib
import subprocess
import sys

import pytest
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import hostile  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CDRX = os.environ.get("CDRX", str(ROOT / ".build" / "debug" / "cdrx"))
SEED = int(os.environ.get("READERS_SEED", "20261119"))
ROWS = int(os.environ.get("READERS_ROWS", "1500"))


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: minutes, or a JVM")


def pytest_collection_modifyitems(items):
    """The longest first."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """What shares a server, a JVM or an export is done by one of several workers."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            if "spark" in nodeid:
                return "spark"
            # Format, codec and choice of columns name an export.
            return file + "-".join(test.split("-")[:3]) if file.endswith("test_readers.py") else file

    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_report_header(config):
    return f"READERS_SEED={SEED} READERS_ROWS={ROWS} CDRX={CDRX}"


def cdrx(*arguments, cwd=None, code=0):
    result = subprocess.run(
        [CDRX, *map(str, arguments)], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=1200)
    assert result.returncode == code, result.stderr
    return result


class Export:
    """What one run published, and what it must hold."""

    def __init__(self, directory, rows, url, output, choice, days=3,
                 accounts=(hostile.CONSTANT["account"],)):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.choice = choice
        self.format = output["format"]
        self.codec = output["compression"]
        self.timestamps = output.get("timestamps", "iso8601")
        self.rows = rows
        self.accounts = accounts
        columns, self.columns = hostile.CHOICES[choice]
        (self.directory / "hostile.yaml").write_text(hostile.ENTRY)
        (self.directory / "pipeline.yaml").write_text(yaml.safe_dump({
            "pipeline": "hostile",
            "windows": {"every": "day", "range": {"from": "2026-01-01",
                                                   "to": f"2026-01-{days + 1:02d}"}},
            "extract": {"requests_per_second": 10000, "page_size": 5000, "pages_in_flight": 4},
            "endpoints": ["hostile.yaml"],
            "output": {"path": "exports", "columns": columns, **output},
            "streams": [{
                "stream": "calls", "endpoint": "hostile.calls", "base_url": url,
                "accounts": [{"account": account, "token": "t"} for account in accounts]}],
        }, sort_keys=False))
        self.run()

    def run(self):
        return self.cdrx("run", "pipeline.yaml", "--now", "2026-02-10")

    def cdrx(self, *arguments, code=0):
        return cdrx(*arguments, cwd=self.directory, code=code)

    @functools.cache
    def expected(self, day=None):
        rows = self.rows.rows if day is None else self.rows.of_day(day)
        return hostile.expected(rows, self.choice)

    def parts(self, day):
        pattern = f"exports/calls/**/dt=2026-01-0{day + 1}/part-*"
        return sorted(str(path) for path in self.directory.glob(pattern))

    def __repr__(self):
        return f"{self.format}-{self.codec}-{self.choice}-{self.timestamps}"


class Exports:
    """Makes each combination once."""

    def __init__(self, directory, rows, sent=None):
        """`sent`: times and bodies of more rows than are to be held one by one."""
        self.directory = directory
        self.rows = rows
        self.provider = hostile.Provider(*(sent or hostile.sent(rows.rows)))
        self.made = {}
        self.numbers = itertools.count()

    def get(self, format, codec, choice, days=3, accounts=(hostile.CONSTANT["account"],), **output):
        key = (format, codec, choice, days, accounts, repr(sorted(output.items())))
        if key not in self.made:
            self.made[key] = Export(
                self.directory / str(next(self.numbers)), self.rows, self.provider.url,
                {"format": format, "compression": codec, **output}, choice, days, accounts)
        return self.made[key]


@pytest.fixture(scope="session")
def program():
    assert os.access(CDRX, os.X_OK), f"{CDRX} is not built"
    return CDRX


@pytest.fixture(scope="session")
def exports(program, tmp_path_factory):
    """Exports of rows that hold everything."""
    made = Exports(tmp_path_factory.mktemp("hos'tile place"), hostile.Rows(ROWS, SEED))
    yield made
    made.provider.stop()


@pytest.fixture(scope="session")
def loadable(program, tmp_path_factory):
    """The same of other rows."""
    made = Exports(tmp_path_factory.mktemp("load'able place"), hostile.Rows(ROWS, SEED + 1))
    yield made
    made.provider.stop()


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """One session for all: a JVM takes seconds to start."""
    from pyspark.sql import SparkSession
    directory = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[2]").appName("cdrx")
        .config("spark.ui.enabled", False)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.warehouse.dir", str(directory / "warehouse"))
        # In a run of a minute the optimizing compiler takes more than it saves.
        .config("spark.driver.extraJavaOptions",
                f"-Dderby.system.home={directory} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .getOrCreate())
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
