"""The DAG of samples/airflow by `airflow dags test`, in an environment of its own."""
import re

import duckdb
import pytest

from conftest import DAYS, ROOT, SHARDS, Reaper, shown

AIRFLOW = ROOT / ".venv-airflow" / "bin" / "airflow"
CODES = [1, 69, 75, 130, 143, 64, 77, 78]


@pytest.fixture
def airflow(night):
    assert AIRFLOW.exists(), "Tests/prerequisites --tests installs it"
    (night.programs / "airflow").symlink_to(AIRFLOW)
    dags = night.path / "airflow" / "dags"
    dags.mkdir(parents=True)
    night.environment |= {
        "AIRFLOW_HOME": str(night.path / "airflow"), "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "CDRX_RETRY_SECONDS": "0"}
    return night


def script(prepared=False):
    """The recipe's commands; without the first ones where it was run before."""
    [text] = shown("Airflow", "sh")
    return re.sub(r"^(cp|airflow db) .*\n", "", text, flags=re.M) if prepared else text


def attempts(printed, task):
    """How often each mapped task was started, by its index."""
    found = re.findall(rf"starting task_id={task} map_index=(\d+)", printed)
    return [found.count(str(index)) for index in range(len(set(found)))]


def test_the_recipe_exports_and_loads_what_a_single_run_does(airflow, single, simulator):
    with Reaper(airflow, 2) as reaper:
        printed = airflow.call(script())
    assert reaper.killed
    assert attempts(printed, "export") == [1, 2, 1, 1]
    assert attempts(printed, "load") == [1] * SHARDS
    assert airflow.published() == single.published()
    rows = loaded(airflow)
    assert rows == {day: 8 * 60 for day in DAYS}
    # A second night that has nothing to do, and then every exit code there is.
    simulator.forget()
    printed = airflow.call(script(prepared=True))
    assert attempts(printed, "export") == [1] * SHARDS and simulator.requests() == 0
    assert airflow.published() == single.published() and loaded(airflow) == rows
    ends(airflow)


def loaded(night):
    with duckdb.connect(str(night.path / "warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute(
            "SELECT cdrx_window, count(*) FROM agent_out_missed GROUP BY ALL").fetchall()
    return {str(day): count for day, count in found}


def ends(night):
    """Eight shards that end with a code each at first, and well afterwards."""
    cases = "\n".join(
        f'"run "*"--shard {index + 1}/{len(CODES)}"*) mkdir tried-{code} 2>/dev/null && exit {code} ;;'
        for index, code in enumerate(CODES))
    night.program(f'case "$*" in\n{cases}\nesac\nexit 0')
    printed = night.call(
        script(prepared=True).replace("CDRX_SHARDS=4", f"CDRX_SHARDS={len(CODES)}"), code=1)
    assert attempts(printed, "export") == [2, 2, 2, 2, 2, 1, 1, 1]
    # What the others published is loaded, and the night has failed.
    assert attempts(printed, "load") == [1] * len(CODES)
    assert "DagRun failed" in printed
