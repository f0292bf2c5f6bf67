"""Exports a pipeline every night in shards, each a task of its own, then loads the warehouse.

Copy it into the DAG folder. The environment of the workers says where things are:

    CDRX_PIPELINE   the pipeline file
    CDRX_STATE      a directory that every worker reaches; each shard has its own below it
    CDRX_SHARDS     how many shards (default 4); `output.buckets` must be a multiple of it
    CDRX_DIALECT    the warehouse's SQL, as `cdrx load` calls it (default postgres)
    CDRX_WAREHOUSE  the command that reads the statements (default psql -q)
"""
import os
import subprocess
from datetime import datetime, timedelta

from airflow.sdk import BaseOperator, TriggerRule, dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

SHARDS = list(range(1, int(os.environ.get("CDRX_SHARDS", "4")) + 1))
# Another attempt cannot help: a wrong command line, refused credentials, an invalid pipeline file.
PERMANENT = {64, 77, 78}


class CdrxOperator(BaseOperator):
    """Runs a command for one shard; its exit code decides whether Airflow tries again."""

    template_fields = ("options",)

    def __init__(self, *, command, shard, options, **more):
        super().__init__(**more)
        self.command = command
        self.shard = shard
        self.options = options
        self.process = None

    def execute(self, context):
        # A worker that dies takes its cdrx along: the next attempt finds the ledger free.
        self.process = subprocess.Popen([
            "setpriv", "--pdeathsig", "TERM", "cdrx", self.command, os.environ["CDRX_PIPELINE"],
            "--shard", f"{self.shard}/{len(SHARDS)}", "--state", os.environ["CDRX_STATE"],
            *self.options])
        code = self.process.wait()
        ending = f"cdrx {self.command}, shard {self.shard}: exit code {code}"
        if code in PERMANENT:
            raise AirflowFailException(ending)
        if code != 0:
            raise AirflowException(ending)

    def on_kill(self):
        """cdrx stops at once, and the next attempt resumes."""
        if self.process is not None:
            self.process.terminate()


@dag(
    schedule="30 2 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1,
    default_args={
        "retries": 5,
        "retry_delay": timedelta(seconds=int(os.environ.get("CDRX_RETRY_SECONDS", "300")))})
def cdrx_calls():
    # A night that is run again later exports what was due then.
    now = "{{ (dag_run.logical_date or dag_run.run_after).strftime('%Y-%m-%dT%H:%M:%SZ') }}"
    export = CdrxOperator.partial(
        task_id="export", command="run", options=["--now", now],
        map_index_template="shard {{ task.shard }}").expand(shard=SHARDS)

    # What was published is loaded, also where a shard failed. One load at a time.
    load = CdrxOperator.partial(
        task_id="load", command="load", trigger_rule=TriggerRule.ALL_DONE, max_active_tis_per_dag=1,
        options=["--target", "warehouse", "--dialect", os.environ.get("CDRX_DIALECT", "postgres"),
                 "--exec", os.environ.get("CDRX_WAREHOUSE", "psql -q")],
        map_index_template="shard {{ task.shard }}").expand(shard=SHARDS)

    # The night has failed if a shard has, whatever was loaded after it.
    @task(trigger_rule=TriggerRule.ONE_FAILED, retries=0)
    def fail():
        raise AirflowFailException("a shard failed")

    export >> load
    [export, load] >> fail()


cdrx_calls()
