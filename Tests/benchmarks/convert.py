#!/usr/bin/env python3
"""convert.py pyarrow|duckdb INPUT.ndjson OUTPUT.parquet: local rows to zstd Parquet. Prints the rows."""
import sys

tool, source, output = sys.argv[1:]
if tool == "pyarrow":
    import pyarrow.json
    import pyarrow.parquet

    table = pyarrow.json.read_json(source)
    pyarrow.parquet.write_table(table, output, compression="zstd")
    print(table.num_rows)
else:
    import duckdb

    print(duckdb.execute(
        f"COPY (SELECT * FROM read_json_auto('{source}', format='newline_delimited')) "
        f"TO '{output}' (FORMAT parquet, COMPRESSION zstd)").fetchone()[0])
