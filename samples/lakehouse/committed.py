"""The days that runs published, and the rows of their committed parts, for to_delta.py and to_iceberg.py.

Run files say which days to look at; `cdrx files` says what is committed now. A part is read whole and compared with
its SHA-256, so that a partition that is replaced meanwhile is never read as a mixture.
"""
import argparse
import collections
import datetime
import hashlib
import json
import subprocess
import urllib.parse

import pyarrow
import pyarrow.fs
import pyarrow.parquet


class Day:
    """A window and its parts at this moment; no parts where it has no rows."""

    def __init__(self, window, parts):
        self.date = datetime.date.fromisoformat(window)
        self.parts = sorted(parts, key=lambda part: part["uri"])
        # Names the rows: the same number as long as no part changes.
        names = "".join(part["sha256"] for part in self.parts)
        self.version = int(hashlib.sha256(names.encode()).hexdigest()[:15], 16)

    def schema(self):
        return self._file(self.parts[0]).schema_arrow.append(
            pyarrow.field("cdrx_window", pyarrow.date32()))

    def rows(self):
        """The rows of all parts and the day they belong to, a batch at a time."""
        schema = self.schema()

        def batches():
            for part in self.parts:
                for batch in self._file(part).iter_batches():
                    days = pyarrow.repeat(pyarrow.scalar(self.date, pyarrow.date32()), len(batch))
                    yield pyarrow.RecordBatch.from_arrays([*batch.columns, days], schema=schema)

        return pyarrow.RecordBatchReader.from_batches(schema, batches())

    def _file(self, part):
        content = read(part["uri"])
        if hashlib.sha256(content).hexdigest() != part["sha256"]:
            raise SystemExit(f"{part['uri']} was replaced meanwhile: start again")
        return pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))


def read(uri):
    """The bytes of a file; its place is a path or s3://…, whose key is spelt as it is."""
    place, path = pyarrow.fs.LocalFileSystem(), uri
    if uri.startswith("s3://"):
        place, path = pyarrow.fs.FileSystem.from_uri(urllib.parse.quote(uri, safe=":/"))
    with place.open_input_stream(path, compression=None) as file:
        return file.read()


def days(pipeline, stream, run_files):
    """Every day that one of the runs published, as it is committed now, oldest first."""
    published = {
        partition["window"] for path in run_files
        for partition in json.loads(read(path))["partitions"] if partition["stream"] == stream}
    if not published:
        return []
    end = datetime.date.fromisoformat(max(published)) + datetime.timedelta(days=1)
    listing = subprocess.run(
        ["cdrx", "files", pipeline, "--stream", stream, "--from", min(published), "--to", str(end),
         "--format", "json"], check=True, stdout=subprocess.PIPE).stdout
    parts = collections.defaultdict(list)
    for line in listing.splitlines():
        part = json.loads(line)
        parts[part["window"]].append(part)
    return [Day(window, parts[window]) for window in sorted(published)]


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("pipeline", help="its windows are days, its format is Parquet")
    parser.add_argument("stream")
    parser.add_argument("table")
    parser.add_argument("run_files", nargs="+", metavar="RUN_FILE", help="as in exports/_runs/*.json")
    return parser.parse_args()
