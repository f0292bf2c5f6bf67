"""Readers that give data frames, in the manner of judges.py."""
import io

import daft
import datafusion
import fastparquet
import pandas
import pyarrow as pa
import pyarrow.json

import judges


def _source(export, path):
    """The path, or the plain bytes where the reader has no zstd."""
    return io.BytesIO(judges.plain(path)) if export.codec == "zstd" else path


def _from_texts(export, columns):
    """Rows of columns of text, in which null is empty or None."""
    kinds = dict(export.columns)
    rows = []
    for values in zip(*columns.values()):
        rows.append({
            name: None if value is None or value == "" else judges.cell(export, kinds[name], value)
            for name, value in zip(columns, values)})
    return rows


# --- pandas ---


def by_pandas(export, paths):
    return [row for path in paths for row in _pandas(export, path)]


def _pandas(export, path):
    if export.format == "parquet":
        frame = pandas.read_parquet(path, dtype_backend="pyarrow", partitioning=None)
        table = pa.table({name: pa.array(frame[name]) for name in frame.columns})
        judges.check_arrow_types(export, table.schema)
        return judges.arrow_rows(export, table)
    if export.format == "csv":
        frame = pandas.read_csv(_source(export, path), dtype=object, keep_default_na=False)
        return _from_texts(export, {name: frame[name].tolist() for name in frame.columns})
    frame = pandas.read_json(
        _source(export, path), lines=True, dtype=False, precise_float=True)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    for row in rows:
        for name, kind in export.columns:
            if kind == "time" and row[name] is not None:
                row[name] = judges.moment(row[name])
            elif kind in ("int", "decimal") and row[name] is not None:
                # A column of integers with nulls comes as one of doubles.
                row[name] = int(row[name]) if kind == "int" else float(row[name])
    return rows


# --- fastparquet ---


def by_fastparquet(export, paths):
    """Without notes: it reads no lists of structs."""
    rows = []
    for path in paths:
        frame = fastparquet.ParquetFile(path).to_pandas()
        assert list(frame.columns) == [name for name, _ in export.columns]
        columns = {}
        for name, kind in export.columns:
            column = frame[name]
            if kind == "time":
                assert column.dtype == "datetime64[ms]", (name, column.dtype)
                values = column.astype("int64").tolist()
            elif kind != "notes":
                values = column.tolist()
            else:
                continue
            columns[name] = [
                None if is_null else value.decode() if isinstance(value, bytes) else value
                for value, is_null in zip(values, column.isna())]
        rows += [dict(zip(columns, row)) for row in zip(*columns.values())]
    return rows


# --- daft ---


def by_daft(export, paths):
    return [row for path in paths for row in _daft(export, path)]


def _daft(export, path):
    text = daft.DataType.string()
    names = [name for name, _ in export.columns]
    if export.format == "parquet":
        table = daft.read_parquet(path).to_arrow()
        assert table.schema.names == names, table.schema
        return judges.arrow_rows(export, table)
    if export.format == "csv":
        # Its own buffers take seconds for long lines.
        frame = daft.read_csv(
            path, infer_schema=False, schema=dict.fromkeys(names, text), _buffer_size=1 << 20)
        return _from_texts(export, frame.to_pydict())
    types = {"int": daft.DataType.int32(), "bool": daft.DataType.bool(),
             "decimal": daft.DataType.float64()}
    schema = {name: types.get(kind, text) for name, kind in export.columns}
    columns = daft.read_json(path, infer_schema=False, schema=schema).to_pydict()
    rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
    for row in rows:
        for name, kind in export.columns:
            if kind == "time" and row[name] is not None:
                row[name] = judges.moment(row[name])
    return rows


# --- DataFusion ---


def by_datafusion(export, paths):
    return [row for path in paths for row in _datafusion(export, path)]


def _datafusion(export, path):
    configuration = datafusion.SessionConfig({
        "datafusion.catalog.newlines_in_values": "true",
        "datafusion.execution.target_partitions": "1"})
    context = datafusion.SessionContext(configuration)
    if export.format == "parquet":
        table = context.read_parquet(path).to_arrow_table()
        assert table.schema.names == [name for name, _ in export.columns]
        return judges.arrow_rows(export, table)
    schema = judges.arrow_schema(export, nested=export.format == "csv")
    read = context.read_csv if export.format == "csv" else context.read_json
    frame = read(
        path, schema=schema, file_extension=path[path.index("part-") + len("part-00000"):],
        file_compression_type=None if export.codec == "none" else export.codec)
    return judges.arrow_rows(export, frame.to_arrow_table())


# --- pyarrow, of NDJSON ---


def pyarrow_ndjson(export, paths):
    """Without notes and JSON: it has no type for values of changing types."""
    return judges.arrow_rows(export, ndjson_table(export, paths))


def ndjson_table(export, paths):
    options = pa.json.ParseOptions(
        explicit_schema=judges.arrow_schema(export, nested=False),
        unexpected_field_behavior="ignore")
    return pa.concat_tables(
        pa.json.read_json(
            io.BytesIO(judges.plain(path)), parse_options=options,
            read_options=pa.json.ReadOptions(block_size=1 << 26)) for path in paths)
