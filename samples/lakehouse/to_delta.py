"""Brings the days that runs published into a Delta table, each by one commit that replaces that day.

    to_delta.py calls.yaml agent_out_missed lake/agent_out_missed exports/_runs/*.json
"""
import committed
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake


def main():
    settings = committed.arguments(__doc__)
    for day in committed.days(settings.pipeline, settings.stream, settings.run_files):
        if day.parts:
            DeltaTable.create(
                settings.table, day.schema(), mode="ignore", partition_by=["cdrx_window"])
        elif not DeltaTable.is_deltatable(settings.table):
            continue
        table = DeltaTable(settings.table)
        # The commit itself says which version of the day it brought, so that the two cannot differ.
        name = f"cdrx/{settings.stream}/{day.date}"
        if table.transaction_version(name) == day.version:
            print(f"{day.date} is there")
            continue
        commit = CommitProperties(app_transactions=[Transaction(name, day.version)])
        that_day = f"cdrx_window = '{day.date}'"
        if day.parts:
            write_deltalake(
                table, day.rows(), mode="overwrite", predicate=that_day, schema_mode="merge",
                commit_properties=commit)
        else:
            table.delete(that_day, commit_properties=commit)
        print(f"{day.date} replaced: {sum(part['rows'] for part in day.parts)} rows")


main()
