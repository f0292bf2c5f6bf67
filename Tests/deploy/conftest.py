"""What `Tests/deploy/run` built, and bare systems to try it in."""
import pathlib
import shutil
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path += [str(HERE), str(HERE.parent / "endtoend")]

from harness import ROOT, Workplace  # noqa: E402
from root import Root  # noqa: E402

BUILT = ROOT / ".build-portable"


@pytest.fixture(params=["bookworm", "trixie"])
def bare(request, tmp_path):
    """Debian 12 and 13 with nothing but what is essential."""
    root = Root(BUILT / "roots" / request.param).copy(tmp_path / "root")
    yield root
    shutil.rmtree(root.path)


@pytest.fixture(scope="session")
def portable():
    [directory] = [path for path in BUILT.glob("cdrx-*-linux-*") if path.is_dir()]
    return directory


@pytest.fixture(scope="session")
def package():
    return (BUILT / "cdrx.deb").resolve()


@pytest.fixture
def work(tmp_path):
    return Workplace(tmp_path)
