#!/usr/bin/env python3
"""parquet_bench.py DIRECTORY: compares our Parquet files with pyarrow's, in size and in time.

DIRECTORY holds what EncodingBenchmarkTests wrote (v2.<codec>.parquet and .json). pyarrow writes the
same columns with its defaults but the codec, on one thread, from a table in memory. Exits 1 where
ours is larger or slower than zstd's reference.
"""
import io
import json
import sys
import time

import pyarrow as pa
import pyarrow.parquet as pq

CODECS = ["zstd", "gzip", "none"]


def reference(table, codec):
    """Best of five (gzip: one) runs; returns seconds and bytes."""
    best, size = float("inf"), 0
    for _ in range(1 if codec == "gzip" else 5):
        sink = io.BytesIO()
        start = time.perf_counter()
        pq.write_table(table, sink, compression=codec)
        best = min(best, time.perf_counter() - start)
        size = sink.getbuffer().nbytes
    return best, size


def main(directory):
    pa.set_cpu_count(1)
    failed = False
    print(f"{'figure':<16}{'ours':>14}{'pyarrow':>14}{'ratio':>8}")
    for codec in CODECS:
        path = f"{directory}/v2.{codec}.parquet"
        with open(path, "rb") as file:
            ours = file.read()
        with open(f"{directory}/v2.{codec}.json") as file:
            seconds = json.load(file)["seconds"]
        table = pq.read_table(io.BytesIO(ours)).combine_chunks()
        rows = table.num_rows
        best, size = reference(table, codec)
        print(f"{codec + ' bytes':<16}{len(ours):>14}{size:>14}{len(ours) / size:>8.3f}")
        speed = f"{rows / seconds:>14.0f}{rows / best:>14.0f}{best / seconds:>8.3f}"
        print(f"{codec + ' rows/s':<16}{speed}")
        failed |= codec != "none" and len(ours) > size
        failed |= codec == "zstd" and seconds > best
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
