"""What the tests share: a workplace each, and one simulator without faults for all."""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import harness  # noqa: E402
from stores import _servers, bucket, moto, radosgw, store  # noqa: E402, F401


@pytest.fixture(scope="session", autouse=True)
def program():
    assert os.access(harness.CDRX, os.X_OK), f"{harness.CDRX} is not built"


@pytest.fixture(scope="session")
def _calm():
    with harness.simulating("--rows-per-day", 300) as simulator:
        yield simulator


@pytest.fixture
def calm(_calm):
    """300 records a day and account, and no fault."""
    _calm.forget()
    return _calm


@pytest.fixture
def work(tmp_path):
    return harness.Workplace(tmp_path)
