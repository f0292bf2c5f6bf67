"""Foreign readers. Each reads the parts of a partition and gives rows in the truth's form:
dictionaries of str, int, bool, decimal.Decimal, epoch milliseconds, JSON text and lists of notes.
"""
import csv
import decimal
import gzip
import io
import json
import re
import typing

import duckdb
import polars
import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

decimal.getcontext().prec = 60
csv.field_size_limit(1 << 30)


class Token(str):
    """A JSON number as it is spelt."""


class Node:
    """A JSON value that a reader gave as a value, not as text."""

    def __init__(self, value):
        self.value = value


def parse(text):
    return json.loads(text, object_pairs_hook=list, parse_int=Token, parse_float=Token)


def milliseconds(moment):
    """Of a datetime with its zone; UTC without one."""
    days = moment.toordinal() - 719_163
    seconds = days * 86_400 + moment.hour * 3_600 + moment.minute * 60 + moment.second
    return seconds * 1_000 + moment.microsecond // 1_000


def moment(text):
    """Epoch milliseconds of `2022-06-02T15:16:08.809Z`, any year."""
    import datetime
    assert text.endswith("Z") and text[10] == "T" and len(text) == 24, text
    return milliseconds(datetime.datetime.fromisoformat(text[:-1]))


def notes(text):
    """Notes of their JSON text."""
    if text is None:
        return None
    found = json.loads(text)
    for note in found:
        assert list(note) == ["message", "created_at", "agent"], note
        if isinstance(note["created_at"], str):
            note["created_at"] = moment(note["created_at"])
    return found


def plain(path):
    """A part's bytes without its codec."""
    with open(path, "rb") as file:
        data = file.read()
    if path.endswith(".gz"):
        return gzip.decompress(data)
    if path.endswith(".zst"):
        return pa.input_stream(pa.BufferReader(data), compression="zstd").read()
    return data


# --- Python itself, for the text formats ---


def python(export, paths):
    rows = []
    for path in paths:
        data = plain(path).decode()
        rows += _python_csv(export, data) if export.format == "csv" else _python_ndjson(export, data)
    return rows


def _python_csv(export, data):
    """By hand, because the csv module does not tell null from the empty text."""
    records = _records(data)
    names = [name for name, _ in export.columns]
    assert [value for value, _ in records[0]] == names, records[0]
    rows = []
    for record in records[1:]:
        assert len(record) == len(names), record
        row = {}
        for (name, kind), (value, is_quoted) in zip(export.columns, record):
            row[name] = None if value == "" and not is_quoted else cell(export, kind, value)
        rows.append(row)
    # And what the module does tell must be the same.
    module = list(csv.reader(io.StringIO(data, newline=""), strict=True))
    assert module == [[value for value, _ in record] for record in records]
    return rows


PLAIN_CELL = re.compile(r"[^,\n]*")


def _records(data):
    """RFC 4180, with whether each value was quoted."""
    records, record, index = [], [], 0
    while index < len(data):
        if data[index] == '"':
            value, index = "", index + 1
            while True:
                end = data.index('"', index)
                value += data[index:end]
                index = end + 1
                if data[index] != '"':
                    break
                value, index = value + '"', index + 1
            record.append((value, True))
        else:
            value = PLAIN_CELL.match(data, index).group()
            record.append((value, False))
            index += len(value)
        if data[index] == "\n":
            records.append(record)
            record = []
        index += 1
    return records


def cell(export, kind, text):
    if kind == "time":
        return int(text) if export.timestamps == "epoch_ms" else moment(text)
    if kind == "int":
        return int(text)
    if kind == "decimal":
        return decimal.Decimal(text)
    if kind == "bool":
        return {"true": True, "false": False}[text]
    return notes(text) if kind == "notes" else text


def _python_ndjson(export, data):
    rows = []
    for line in data.split("\n")[:-1]:
        pairs = parse(line)
        assert [name for name, _ in pairs] == [name for name, _ in export.columns], pairs
        row = {}
        for (name, value), (_, kind) in zip(pairs, export.columns):
            if value is None:
                row[name] = None
            elif kind in ("text", "bool"):
                row[name] = value
            elif kind == "notes":
                row[name] = notes(json.dumps(json.loads(line)[name]))
            elif kind == "json":
                row[name] = Node(value)
            else:
                is_number = kind in ("int", "decimal") or export.timestamps == "epoch_ms"
                assert isinstance(value, Token) == is_number, (name, value)
                row[name] = cell(export, kind, value)
        rows.append(row)
    return rows


# --- pyarrow ---

ARROW = {
    "text": pa.string(), "int": pa.int32(), "decimal": pa.decimal128(18, 6), "bool": pa.bool_(),
    "time": pa.timestamp("ms", tz="UTC"), "json": pa.string(), "notes": pa.string(),
}


def pyarrow(export, paths):
    rows = []
    for path in paths:
        if export.format == "parquet":
            table = pa.parquet.read_table(
                path, page_checksum_verification=True, partitioning=None)
            check_arrow_types(export, table.schema)
        elif export.format == "csv":
            options = pa.csv.ConvertOptions(
                column_types={name: ARROW[kind] for name, kind in export.columns},
                null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False)
            data = plain(path)
            table = pa.csv.read_csv(
                io.BytesIO(data), convert_options=options,
                parse_options=pa.csv.ParseOptions(newlines_in_values=True),
                read_options=pa.csv.ReadOptions(block_size=len(data) + 1))
        rows += arrow_rows(export, table)
    return rows


def arrow_schema(export, nested):
    """The columns as text files hold them; `nested`: JSON and notes too, as text."""
    return pa.schema([
        (name, ARROW[kind]) for name, kind in export.columns
        if nested or kind not in ("json", "notes")])


def check_arrow_types(export, schema):
    assert schema.names == [name for name, _ in export.columns]
    for name, kind in export.columns:
        type = schema.field(name).type
        if kind == "notes":
            assert pa.types.is_list(type) and [
                (field.name, field.type) for field in type.value_type] == [
                    ("message", pa.string()), ("created_at", ARROW["time"]),
                    ("agent", pa.string())], type
        else:
            assert type == ARROW[kind], (name, type)


def arrow_rows(export, table):
    """Rows of the columns that the table has."""
    columns = {}
    for name, kind in export.columns:
        if name not in table.schema.names:
            continue
        column = table.column(name).combine_chunks()
        if kind == "time":
            column = column.cast(pa.int64())
        columns[name] = column.to_pylist()
        if kind == "notes":
            columns[name] = [note_times(value) for value in columns[name]]
    return [dict(zip(columns, row)) for row in zip(*columns.values())]


def note_times(value):
    """Notes whose times are datetimes, or their JSON text."""
    if value is None or isinstance(value, str):
        return notes(value)
    return [
        {**note, "created_at": None if note["created_at"] is None
         else milliseconds(note["created_at"])} for note in value]


# --- DuckDB ---

DUCKDB = {
    "text": "VARCHAR", "int": "INTEGER", "decimal": "DECIMAL(18,6)", "bool": "BOOLEAN",
    "time": "TIMESTAMP WITH TIME ZONE", "json": "JSON",
    "notes": "STRUCT(message VARCHAR, created_at TIMESTAMP WITH TIME ZONE, agent VARCHAR)[]",
}


def duckdb_connection():
    connection = duckdb.connect()
    connection.sql("SET TimeZone = 'UTC'")
    return connection


def duckdb_values(connection, source, columns, types):
    """Rows of a table or table function in the truth's form; `types` are its own."""
    def value(name, kind):
        quoted = '"' + name.replace('"', '""') + '"'
        if kind == "time":
            return f"epoch_ms({quoted})"
        if kind == "notes" and types[name].endswith("[]"):
            return (f"list_transform({quoted}, lambda n: {{'message': n.message, 'created_at': "
                    "epoch_ms(n.created_at), 'agent': n.agent})")
        return f"{quoted}::VARCHAR" if kind in ("json", "notes") else quoted
    selected = ", ".join(value(name, kind) for name, kind in columns)
    rows = connection.sql(f"SELECT {selected} FROM {source}").fetchall()
    names = [name for name, _ in columns]
    found = [dict(zip(names, row)) for row in rows]
    for row in found:
        for name, kind in columns:
            if kind == "notes" and isinstance(row[name], str):
                row[name] = notes(row[name])
    return found


def by_duckdb(export, paths):
    connection = duckdb_connection()
    rows = []
    for path in paths:
        quoted = "'" + path.replace("'", "''") + "'"
        if export.format == "parquet":
            source = f"read_parquet({quoted}, hive_partitioning = false)"
        elif export.format == "ndjson":
            source = (f"read_json({quoted}, format = 'newline_delimited', hive_partitioning = false, "
                      f"maximum_object_size = 67108864, columns = {{{duckdb_columns(export)}}})")
        else:
            source = (f"read_csv({quoted}, auto_detect = false, header = true, delim = ',', "
                      "quote = '\"', escape = '\"', new_line = '\\n', nullstr = '', "
                      f"allow_quoted_nulls = false, compression = '{export.codec}', "
                      "max_line_size = 67108864, hive_partitioning = false, "
                      f"columns = {{{duckdb_columns(export)}}})")
        types = dict(row[:2] for row in connection.sql(f"DESCRIBE FROM {source}").fetchall())
        assert list(types) == [name for name, _ in export.columns], types
        if export.format == "parquet":
            for name, kind in export.columns:
                assert types[name] == ("VARCHAR" if kind == "json" else DUCKDB[kind]), name
        rows += duckdb_values(connection, source, export.columns, types)
    return rows


def duckdb_columns(export):
    def type(kind):
        if export.format == "ndjson":
            # Its JSON reader takes every number for a double.
            return {"decimal": "DOUBLE", "notes": "JSON"}.get(kind, DUCKDB[kind])
        return "VARCHAR" if kind in ("json", "notes") else DUCKDB[kind]
    return ", ".join(
        "'" + name.replace("'", "''") + f"': '{type(kind)}'" for name, kind in export.columns)


# --- polars ---

POLARS = {
    "text": polars.String, "int": polars.Int32, "decimal": polars.Decimal(18, 6),
    "bool": polars.Boolean, "time": polars.Datetime("ms", "UTC"), "json": polars.String,
}


def by_polars(export, paths):
    rows = []
    for path in paths:
        if export.format == "parquet":
            frame = polars.read_parquet(path, hive_partitioning=False)
            for name, kind in export.columns:
                if kind != "notes":
                    assert frame.schema[name] == POLARS[kind], (name, frame.schema)
        else:
            types = {name: polars.String if kind in ("time", "json", "notes") else POLARS[kind]
                     for name, kind in export.columns}
            if export.format == "csv":
                frame = polars.read_csv(path, schema=types, try_parse_dates=False)
            else:
                # Its JSON reader takes every number for a double.
                types = {name: polars.Float64 if kind == "decimal" else types[name]
                         for name, kind in export.columns if kind not in ("json", "notes")}
                frame = polars.read_ndjson(io.BytesIO(plain(path)), schema=types)
        rows += [_polars_row(export, row) for row in frame.to_dicts()]
    return rows


def _polars_row(export, row):
    for name, kind in export.columns:
        value = row.get(name)
        if value is None:
            continue
        if kind == "time":
            row[name] = moment(value) if isinstance(value, str) else milliseconds(value)
        elif kind == "notes":
            row[name] = note_times(value)
    return row


# --- ClickHouse ---

CLICKHOUSE = {
    "text": "String", "int": "Int32", "decimal": "Decimal(18, 6)", "bool": "Bool",
    "time": "DateTime64(3, 'UTC')", "json": "String", "notes": "String",
}
CLICKHOUSE_NOTES = (
    "Array(Tuple(message Nullable(String), created_at Nullable(DateTime64(3, 'UTC')), "
    "agent Nullable(String)))")
CLICKHOUSE_SETTINGS = {
    "csv": "date_time_input_format = 'best_effort', format_csv_null_representation = '', "
           "input_format_csv_trim_whitespaces = 0, ",
    "ndjson": "date_time_input_format = 'best_effort', "
              "input_format_json_read_objects_as_strings = 1, "
              "input_format_json_read_arrays_as_strings = 1, ",
    "parquet": "input_format_parquet_preserve_order = 1, ",
}


def chdb(export, paths):
    import chdb as engine
    formats = {"csv": "CSVWithNames", "ndjson": "JSONEachRow", "parquet": "Parquet"}
    codecs = {"gzip": "gz", "zstd": "zst", "none": "none"}
    is_list = export.format == "parquet"
    structure = ", ".join(
        f"`{name}` " + (CLICKHOUSE_NOTES if kind == "notes" and is_list
                        else f"Nullable({CLICKHOUSE[kind]})") for name, kind in export.columns)
    codec = "none" if is_list else codecs[export.codec]
    rows = []
    for path in paths:
        source = (f"file({clickhouse_text(path)}, {formats[export.format]}, "
                  f"{clickhouse_text(structure)}, '{codec}')")
        rows += clickhouse_values(engine.query, source, export, is_list,
                                  CLICKHOUSE_SETTINGS[export.format])
    return rows


def clickhouse_text(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def clickhouse_values(query, source, export, is_list, settings=""):
    """Rows of a table or table function; null lists of notes come as empty ones."""
    def value(name, kind):
        if kind == "time":
            return f"toUnixTimestamp64Milli(`{name}`)"
        if kind == "decimal":
            return f"toString(`{name}`)"
        if kind == "notes" and is_list:
            return f"arrayMap(n -> (n.1, toUnixTimestamp64Milli(n.2), n.3), `{name}`)"
        return f"`{name}`"
    selected = ", ".join(
        f"{value(name, kind)} AS `{name}_`" for name, kind in export.columns)
    result = query(
        f"SELECT {selected} FROM {source} SETTINGS {settings}use_hive_partitioning = 0, "
        "output_format_json_quote_64bit_integers = 0, "
        "output_format_json_named_tuples_as_objects = 0", "JSONCompactEachRow")
    found = []
    for line in result.bytes().decode().split("\n")[:-1]:
        row = dict(zip((name for name, _ in export.columns), json.loads(line)))
        for name, kind in export.columns:
            if row[name] is None:
                continue
            if kind == "decimal":
                row[name] = decimal.Decimal(row[name])
            elif kind == "notes" and is_list:
                row[name] = [dict(zip(("message", "created_at", "agent"), note))
                             for note in row[name]] or None
            elif kind == "notes":
                row[name] = notes(row[name])
        found.append(row)
    return found


def same(found, expected, columns, what, bare_strings=False):
    """Compares value by value and type by type; JSON by its tokens.

    `bare_strings`: JSON strings come without their quotes, as ClickHouse reads them from NDJSON.
    """
    assert len(found) == len(expected), f"{what}: {len(found)} rows, not {len(expected)}"
    for number, (left, right) in enumerate(zip(found, expected)):
        for name, kind in columns:
            got, wanted = left[name], right[name]
            if kind == "json" and wanted is not None:
                wanted = parse(wanted)
                if isinstance(got, Node):
                    got = got.value
                elif not (bare_strings and type(wanted) is str):
                    got = parse(got)
            if kind != "json":
                assert type(got) is type(wanted), (
                    f"{what}: row {number}, {name}: {got!r:.200}, not {wanted!r:.200}")
            assert got == wanted, f"{what}: row {number}, {name}: {got!r:.200}, not {wanted!r:.200}"


class View(typing.NamedTuple):
    """What a reader cannot say of a format, although it reads the rest."""

    # Kinds of columns that it does not read.
    skips: tuple = ()
    # It reads decimals as doubles.
    floats: bool = False
    # It reads the numbers in JSON as doubles.
    json_floats: bool = False
    # It does not tell null from the empty text.
    empty_is_null: bool = False
    # It does not tell null from the empty list.
    empty_list_is_null: bool = False
    # JSON strings come without their quotes.
    bare_strings: bool = False

    def row(self, row, columns):
        return {name: self._value(row[name], kind) for name, kind in columns}

    def _value(self, value, kind):
        if self.empty_is_null and value == "" or self.empty_list_is_null and value == []:
            return None
        if self.floats and kind == "decimal" and value is not None:
            return f"{float(value):.15g}"
        if self.json_floats and kind == "json" and value is not None:
            return json.dumps(json.loads(value))
        return value


def check(reader, view, export, paths, expected, what):
    """That a reader gives the rows, as far as it can."""
    columns = [(name, kind) for name, kind in export.columns if kind not in view.skips]
    assert columns, what
    found = [view.row(row, columns) for row in reader(export, paths)]
    same(found, [view.row(row, columns) for row in expected], columns, what, view.bare_strings)
