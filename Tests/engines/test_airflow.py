"""The DAG of samples/airflow by `airflow dags test`, in an environment of its own."""
import concurrent.futures
import re
import runpy
import sys
import types

import duckdb
import pytest

import harness
from conftest import CDRX, DAYS, EXPORT, ROOT, SHARDS, Reaper, ending, shown

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
    # A second night has nothing to do. Were these its codes, no attempt would mend them: the night fails, and
    # what is published is loaded nevertheless.
    simulator.forget()
    ends = "".join(f'"run "*"--shard {shard}/{SHARDS}"*) {CDRX} "$@" || exit 1; exit {code} ;;\n'
                   for shard, code in ((1, 64), (2, 77), (3, 78)))
    airflow.program(f'case "$*" in\n{ends}esac\n{EXPORT}')
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


def test_a_task_that_airflow_ends_ends_its_cdrx(night, monkeypatch):
    """By itself, with a stand-in for Airflow: its own supervisor would have to be stopped in the middle."""
    sdk, errors = types.ModuleType("airflow.sdk"), types.ModuleType("airflow.sdk.exceptions")
    sdk.BaseOperator, sdk.TriggerRule, sdk.task = object, None, None
    sdk.dag = lambda **_: lambda _: lambda: None
    errors.AirflowException = type("AirflowException", (Exception,), {})
    errors.AirflowFailException = type("AirflowFailException", (Exception,), {})
    for name, module in {"airflow": types.ModuleType("airflow"), "airflow.sdk": sdk,
                         "airflow.sdk.exceptions": errors}.items():
        monkeypatch.setitem(sys.modules, name, module)
    for name, value in {"PATH": night.environment["PATH"], "CDRX_PIPELINE": "calls.yaml",
                        "CDRX_STATE": "state"}.items():
        monkeypatch.setenv(name, value)
    night.program(f"touch {night.path}/begun; exec sleep 5")
    sample = runpy.run_path(str(ROOT / "samples" / "airflow" / "cdrx_calls.py"))
    operator = sample["CdrxOperator"](command="run", shard=3, options=[])
    with concurrent.futures.ThreadPoolExecutor() as worker:
        task = worker.submit(operator.execute, {})
        harness.wait_until((night.path / "begun").exists)
        operator.on_kill()
        with pytest.raises(errors.AirflowException, match="shard 3: exit code -15"):
            task.result(timeout=30)
