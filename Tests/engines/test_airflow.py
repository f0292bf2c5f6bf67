"""The DAG of samples/airflow by `airflow dags test`, in an environment of its own."""
import re

import duckdb
import pytest

from conftest import DAYS, EXPORT, ROOT, SHARDS, Reaper, ending, shown

AIRFLOW = ROOT / ".venv-airflow" / "bin" / "airflow"


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
    # Besides the one that is killed, shards end with every code that another attempt mends.
    ends = {"run 1": [1, 69], "run 3": [75, 130], "run 4": [143]}
    with Reaper(airflow, 2, first=ending(airflow, ends)) as reaper:
        printed = airflow.call(script())
    assert reaper.killed
    assert attempts(printed, "export") == [3, 2, 3, 2]
    assert attempts(printed, "load") == [1] * SHARDS
    assert airflow.published() == single.published()
    rows = loaded(airflow)
    assert rows == {day: 8 * 60 for day in DAYS}
    # A second night has nothing to do. No attempt mends these codes: the night fails, the others are loaded.
    simulator.forget()
    airflow.program(ending(airflow, {"load 1": [64], "load 2": [77], "load 3": [78]}) + EXPORT)
    printed = airflow.call(script(prepared=True), code=1)
    assert attempts(printed, "export") == [1] * SHARDS and simulator.requests() == 0
    assert attempts(printed, "load") == [1] * SHARDS
    assert "DagRun failed" in printed
    assert airflow.published() == single.published() and loaded(airflow) == rows


def loaded(night):
    with duckdb.connect(str(night.path / "warehouse.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute(
            "SELECT cdrx_window, count(*) FROM agent_out_missed GROUP BY ALL").fetchall()
    return {str(day): count for day, count in found}
