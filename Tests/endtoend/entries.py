"""Every catalog entry, found by itself, with what an export of it from the simulator must be.

The simulator states the rows of an entry from the values that it made its records of; the five
documented endpoints it knows by heart have their mapping in `mapping.py`."""
import functools
import json

import pyarrow.parquet
import yaml

import mapping
from harness import (
    AGENT_OUT_MISSED, CALL_LEGS, COMMO, FIRST_DAY, OUT_ANSWERED, ROOT, USER_OUT_MISSED, Token,
    base_url, csv_rows, ndjson_rows, parse)

OWN = ROOT / "Tests/endtoend/entries/grammar.yaml"
DOCUMENTED = (OUT_ANSWERED, AGENT_OUT_MISSED, USER_OUT_MISSED, CALL_LEGS, COMMO)
IDS = [f"rid-1-{number:04d}" for number in range(1, 13)]


@functools.cache
def entries():
    """Entry by id: those that ship, and those that use what no shipped one does."""
    found = {}
    for path in [*sorted((ROOT / "Sources/PipelineFile/Endpoints").glob("*.yaml")), OWN]:
        file = yaml.safe_load(path.read_text(encoding="utf-8"))
        for entry in file["endpoints"]:
            found[entry["endpoint"]] = {**entry, "provider": file["provider"]}
    return found


def is_list(endpoint):
    return "request_id" in entries()[endpoint]["request"]


def credentials(endpoint):
    """Those of the login where there is one, so that tokens can die."""
    entry = entries()[endpoint]
    fields = entry.get("login", entry["request"])["credentials"]
    return {field["name"]: 1111113 if field["type"] == "int" else f"acc-{index}"
            for index, field in enumerate(fields)}


def owner(endpoint):
    """Whose records the simulator gives to such an account."""
    return str(next(iter(credentials(endpoint).values())))


def stream(endpoint, url, **more):
    base = base_url(endpoint, url) if endpoint in DOCUMENTED else f"{url}/{endpoint}"
    made = {"stream": endpoint, "endpoint": endpoint, "base_url": base,
            "accounts": [{"account": "acc", **credentials(endpoint)}], **more}
    if "base_url" in entries()[endpoint].get("login", {}):
        made["login_url"] = base
    if is_list(endpoint):
        made["requests"] = {"ids": IDS, "batch": "b"}
    return made


def partition(endpoint, day="2026-01-01"):
    return f"{endpoint}/" + ("batch=b" if is_list(endpoint) else f"dt={day}")


def cell(column, value):
    if value is None:
        return None
    kind = mapping.TYPES[column]
    if kind == "timestamp":
        return int(value)
    if kind == "int" or kind.startswith("decimal"):
        return mapping.number(value)
    if column == "notes":
        return [[(name, mapping.iso(part) if name == "created_at" else part) for name, part in note]
                for note in value]
    return value


def truth(endpoint, simulator):
    """The rows that the day must give, in order, and the fields of the records set aside."""
    if is_list(endpoint):
        query = {"ids": ",".join(IDS)}
    else:
        query = {"from": FIRST_DAY, "to": FIRST_DAY + 86_400_000}
    records = parse(simulator._get("/_truth", endpoint=endpoint, account=owner(endpoint), **query))
    dirty = [dict(record)["_dirty"] for record in records if "_dirty" in dict(record)]
    if endpoint in DOCUMENTED:
        return mapping.rows(endpoint, "acc", records), dirty
    rows = []
    for record in records:
        get = dict(record)
        if "_dirty" in get:
            continue
        row = {name: cell(name, get.get(name)) for name in mapping.COLUMNS}
        row.update(provider=entries()[endpoint]["provider"], endpoint=endpoint, account="acc")
        rows.append(row)
    if is_list(endpoint):
        rows.sort(key=lambda row: (row["started_at"], row["call_id"]))
    for row in rows:
        for name in ("started_at", "answered_at", "ended_at"):
            if row[name] is not None:
                row[name] = mapping.iso(row[name])
    return rows, dirty


def published(work, directory):
    """The rows of a partition, each a dictionary of texts by column; None is null."""
    format_ = "parquet" if (paths := work.parts(directory)) and paths[0].suffix == ".parquet" else (
        "ndjson" if paths and ".ndjson" in paths[0].name else "csv")
    if format_ == "csv":
        head, rows = csv_rows(work.content(directory)) if paths else (mapping.COLUMNS, [])
        return [{name: value or None for name, value in zip(head, row)} for row in rows]
    if format_ == "ndjson":
        return [{name: plain(value) for name, value in row} for row in ndjson_rows(work.content(directory))]
    return [{name: plain(value) for name, value in row.items()}
            for path in paths for row in pyarrow.parquet.ParquetFile(path).read().to_pylist()]


def plain(value):
    """As `csv_cell` has it, without quotes; the empty text is null, as for a reader of CSV."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return mapping.json_text([
            [(name, plain(part) if hasattr(part, "isoformat") else part) for name, part in item.items()] if isinstance(item, dict) else item
            for item in value])
    if hasattr(value, "isoformat"):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    if hasattr(value, "as_tuple"):
        return str(mapping.number(f"{value:f}"))
    return str(value)


def canonical(name, value):
    """JSON without regard to how texts are escaped and members ordered; other tests look at that."""
    if value is None or name not in ("extra", "notes"):
        return value
    return json.dumps(
        json.loads(value, parse_int=Token, parse_float=Token), ensure_ascii=False, sort_keys=True)


def wanted_rows(endpoint, simulator):
    """The truth as `found_rows` has it, and the fields of the records set aside."""
    rows, dirty = truth(endpoint, simulator)
    return [{name: canonical(name, plain(row[name])) for name in mapping.COLUMNS} for row in rows], dirty


def found_rows(work, endpoint):
    return [{name: canonical(name, value) for name, value in row.items()}
            for row in published(work, partition(endpoint))]


def difference(work, endpoint, simulator):
    """What is wrong with what is published; nothing if it is the truth."""
    wanted, dirty = wanted_rows(endpoint, simulator)
    manifest = work.manifest(partition(endpoint))
    found = found_rows(work, endpoint)
    if (manifest["rows"], manifest["rejects"]) != (len(wanted), len(dirty)):
        return f"{endpoint}: {manifest['rows']} rows, {manifest['rejects']} rejects; " \
               f"the truth is {len(wanted)} and {len(dirty)}"
    for index, (left, right) in enumerate(zip(found, wanted)):
        if left != right:
            parts = [(name, left.get(name), right[name]) for name in right if left.get(name) != right[name]]
            return f"{endpoint}: row {index}: {parts}"
    return None if len(found) == len(wanted) else f"{endpoint}: {len(found)} rows are in the files"
