"""Exports a pipeline every night in shards, each a task of its own, then loads the warehouse.

Copy it into the DAG folder. The environment of the workers says where things are:

    CDRX_PIPELINE   the pipeline file
    CDRX_STATE      a directory that every worker reaches; each shard has its own below it
    CDRX_SHARDS     how many shards (default 4); `output.buckets` must be a multiple of it
    CDRX_DIALECT    the warehouse's SQL, as `cdrx load` calls it
    CDRX_WAREHOUSE  the command that reads the statements, as in: psql -q service=warehouse
"""
import os
import subprocess
from datetime import datetime, timedelta

from airflow.sdk import TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

SHARDS = list(range(1, int(os.environ.get("CDRX_SHARDS", "4")) + 1))
# Another attempt cannot help: a wrong command line, refused credentials, an invalid pipeline file.
PERMANENT = {64, 77, 78}


def cdrx(command, shard, *options):
    """Runs a command for one shard; its exit code decides whether Airflow tries again."""
    # A worker that dies takes its cdrx along: the next attempt finds the ledger free.
    process = subprocess.Popen([
        "setpriv", "--pdeathsig", "TERM", "cdrx", command, os.environ["CDRX_PIPELINE"],
        "--shard", f"{shard}/{len(SHARDS)}", "--state", os.environ["CDRX_STATE"], *options])
    try:
        code = process.wait()
    except BaseException:
        # Airflow ends the task. cdrx stops at once, and the next attempt resumes.
        process.terminate()
        process.wait()
        raise
    if code in PERMANENT:
        raise AirflowFailException(f"cdrx {command}, shard {shard}: exit code {code}, no retry")
    if code != 0:
        raise AirflowException(f"cdrx {command}, shard {shard}: exit code {code}")


@dag(
    schedule="30 2 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1,
    default_args={
        "retries": 5,
        "retry_delay": timedelta(seconds=int(os.environ.get("CDRX_RETRY_SECONDS", "300")))})
def cdrx_calls():
    @task(map_index_template="{{ task.op_kwargs['shard'] }}")
    def export(shard, dag_run=None):
        """A night that is run again later exports what was due then."""
        now = dag_run.logical_date or dag_run.run_after
        cdrx("run", shard, "--now", now.strftime("%Y-%m-%dT%H:%M:%SZ"))

    # What was published is loaded, also where a shard failed. One load at a time.
    @task(map_index_template="{{ task.op_kwargs['shard'] }}", trigger_rule=TriggerRule.ALL_DONE,
          max_active_tis_per_dag=1)
    def load(shard):
        cdrx("load", shard, "--target", "warehouse", "--dialect", os.environ["CDRX_DIALECT"],
             "--exec", os.environ["CDRX_WAREHOUSE"])

    # The night has failed if a shard has, whatever was loaded after it.
    @task(trigger_rule=TriggerRule.ONE_FAILED, retries=0)
    def fail():
        raise AirflowFailException("a shard failed")

    exported, loaded = export.expand(shard=SHARDS), load.expand(shard=SHARDS)
    exported >> loaded
    [exported, loaded] >> fail()


cdrx_calls()
