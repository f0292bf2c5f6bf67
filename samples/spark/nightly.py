"""Exports a pipeline in shards, each a Spark task, then makes one Parquet file a day of the parts.

    spark-submit --master spark://… nightly.py calls.yaml agent_out_missed 2026-01-01 2026-01-05

exports what is due in 4 shards, and compacts the days from … to (exclusive). The workers reach pipeline file, state and
output under the same paths, and have `cdrx` on their PATH.
"""
import argparse
import datetime
import json
import subprocess
import time

from pyspark.sql import SparkSession

# Another attempt cannot help: a wrong command line, refused credentials, an invalid pipeline file.
PERMANENT = {64, 77, 78}


def export(shard, settings):
    """Runs on a worker. What is raised here, and a worker that is lost, Spark makes up for."""
    name = f"{shard}/{settings.shards}"
    # A worker that dies takes its cdrx along: the next attempt finds the ledger free.
    code = subprocess.run([
        "setpriv", "--pdeathsig", "TERM", "cdrx", "run", settings.pipeline, "--shard", name,
        "--state", settings.state, *settings.option]).returncode
    if code and code not in PERMANENT:
        # Spark tries again at once, which a provider that is gone needs no six times in a second.
        time.sleep(settings.pause)
        raise RuntimeError(f"cdrx run, shard {name}: exit code {code}")
    return name, code


def committed(settings):
    """The days of the range, and the parts of each that are committed now."""
    days = {}
    day, end = map(datetime.date.fromisoformat, (settings.first, settings.end))
    while day < end:
        days[str(day)] = []
        day += datetime.timedelta(days=1)
    listing = subprocess.run(
        ["cdrx", "files", settings.pipeline, "--stream", settings.stream, "--from", settings.first,
         "--to", settings.end, "--format", "json"], check=True, stdout=subprocess.PIPE).stdout
    for line in listing.splitlines():
        part = json.loads(line)
        days[part["window"]].append(part["uri"])
    return days


def compact(spark, settings):
    """Replaces each day of the range below `lake` by one file; gives the rows of each as Spark reads them."""
    days = committed(settings)
    lake = f"{settings.lake}/{settings.stream}"
    for day, parts in days.items():
        place = f"{lake}/dt={day}"
        if parts:
            spark.read.parquet(*parts).coalesce(1) \
                .sortWithinPartitions("account", "started_at", "call_id") \
                .write.mode("overwrite").parquet(place)
        else:
            path = spark._jvm.org.apache.hadoop.fs.Path(place)
            path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)
    if not any(days.values()):
        return []
    return spark.read.parquet(lake).groupBy("dt").count().orderBy("dt").collect()


def check(codes):
    failed = [f"shard {name}: exit code {code}" for name, code in codes if code]
    if failed:
        raise SystemExit("; ".join(failed))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pipeline")
    parser.add_argument("stream")
    parser.add_argument("first")
    parser.add_argument("end")
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--state", default="/var/lib/cdrx", help="on a disk that all workers reach")
    parser.add_argument("--lake", default="lake")
    parser.add_argument("--pause", type=int, default=60, help="seconds before another attempt")
    parser.add_argument("--option", action="append", default=[], help="for cdrx run: --option=--quiet")
    settings = parser.parse_args()
    spark = SparkSession.builder.appName("cdrx").config("spark.task.maxFailures", 6) \
        .config("spark.speculation", "false").getOrCreate()
    shards = spark.sparkContext.parallelize(range(1, settings.shards + 1), settings.shards)
    codes = shards.map(lambda shard: export(shard, settings)).collect()
    for day, count in compact(spark, settings):
        print(f"{day}\t{count}")
    spark.stop()
    # What the other shards published is compacted; the night has failed nevertheless.
    check(codes)


if __name__ == "__main__":
    main()
