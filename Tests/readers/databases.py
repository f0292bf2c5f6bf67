"""Warehouses that run here: each runs printed statements and tells what its table then holds."""
import glob
import json
import os
import shutil
import socket
import subprocess
import tempfile

import judges


class Postgres:
    """Debian's PostgreSQL on a free port, in a directory of its own; not as root."""

    name = "postgres"
    formats = ("csv", "ndjson")

    def __init__(self):
        self.binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.directory = tempfile.mkdtemp(prefix="cdrx-postgres-")
        self.prefix = []
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
            self.prefix = ["runuser", "-u", "postgres", "--"]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        data = self.directory + "/data"
        self._server("initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
                     "--auth=trust", "--no-sync")
        self._server(
            "pg_ctl", "-D", data, "-w", "-l", self.directory + "/log", "-o",
            f"-p {self.port} -c listen_addresses='' -c fsync=off -k {self.directory}", "start")

    def _server(self, program, *arguments):
        subprocess.run([*self.prefix, f"{self.binaries}/{program}", *arguments], check=True,
                       cwd=self.directory, capture_output=True, timeout=120)

    def stop(self):
        self._server("pg_ctl", "-D", self.directory + "/data", "-m", "immediate", "stop")
        shutil.rmtree(self.directory)

    def psql(self, script, *options):
        """As the user who runs the tests: `\\copy` must reach their files."""
        result = subprocess.run(
            [f"{self.binaries}/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.directory,
             "-p", self.port, "-U", "postgres", "-d", "postgres", *options],
            input=script, text=True, encoding="utf-8", capture_output=True, timeout=600)
        assert result.returncode == 0, result.stderr[:2000]
        return result.stdout

    def run(self, script):
        self.psql(script)

    def count(self, table):
        return int(self.psql(f'SELECT count(*) FROM "{table}"', "-At"))

    def rows(self, table, export):
        """Through JSON, in which every type keeps its value."""
        def value(name, kind):
            quoted = '"' + name.replace('"', '""') + '"'
            if kind == "time":
                return f"(extract(epoch FROM {quoted}) * 1000)::bigint"
            return f"{quoted}::text" if kind in ("decimal", "json", "notes") else quoted
        selected = ", ".join(value(name, kind) for name, kind in export.columns)
        # As hexadecimal digits, because psql prints no U+10FFFF.
        text = self.psql(
            f"SELECT encode(convert_to(json_build_array({selected}, cdrx_account, cdrx_window::text)"
            f"::text, 'UTF8'), 'hex') FROM \"{table}\";", "-At")
        names = [name for name, _ in export.columns] + ["cdrx_account", "cdrx_window"]
        found = []
        for line in text.split("\n")[:-1]:
            row = dict(zip(names, json.loads(bytes.fromhex(line))))
            for name, kind in export.columns:
                if row[name] is not None and kind == "decimal":
                    row[name] = judges.decimal.Decimal(row[name])
                elif kind == "notes":
                    row[name] = judges.notes(row[name])
            found.append(row)
        return found

    def types(self, table):
        return dict(line.split("|") for line in self.psql(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            f"WHERE attrelid = '\"{table}\"'::regclass AND attnum > 0;", "-At").splitlines())

    def comments(self, table):
        return dict(json.loads(line) for line in self.psql(
            "SELECT json_build_array(attname, col_description(attrelid, attnum)) "
            f"FROM pg_attribute WHERE attrelid = '\"{table}\"'::regclass AND attnum > 0;",
            "-At").splitlines())

    expected_types = {
        "text": "text", "int": "integer", "decimal": "numeric(18,6)", "bool": "boolean",
        "time": "timestamp(3) with time zone", "json": "json", "notes": "json"}


class DuckDB:
    name = "duckdb"
    formats = ("csv", "ndjson", "parquet")

    def __init__(self):
        self.connection = judges.duckdb_connection()

    def stop(self):
        self.connection.close()

    def run(self, script):
        self.connection.execute(script)

    def count(self, table):
        return self.connection.sql(f'SELECT count(*) FROM "{table}"').fetchall()[0][0]

    def rows(self, table, export):
        # Read as text, as JSON is.
        columns = export.columns + [("cdrx_account", "text"), ("cdrx_window", "json")]
        return judges.duckdb_values(
            self.connection, f'"{table}"', columns, self.types(table))

    def types(self, table):
        return dict(row[:2] for row in self.connection.sql(f'DESCRIBE "{table}"').fetchall())

    def comments(self, table):
        return dict(self.connection.sql(
            "SELECT column_name, comment FROM duckdb_columns() "
            f"WHERE table_name = '{table}'").fetchall())

    expected_types = {**judges.DUCKDB, "notes": "JSON"}


class ClickHouse:
    """chdb: ClickHouse's engine in this process."""

    name = "clickhouse"
    formats = ("csv", "ndjson", "parquet")

    def __init__(self):
        from chdb import session
        self.directory = tempfile.mkdtemp(prefix="cdrx-chdb-")
        self.session = session.Session(self.directory)

    def stop(self):
        self.session.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, script):
        # The session takes several statements at once only without results in between.
        for statement in script.split(";\n"):
            body = "\n".join(
                line for line in statement.split("\n") if not line.startswith("--")).strip()
            if body:
                self.session.query(body)

    def count(self, table):
        return int(self.session.query(f"SELECT count() FROM `{table}`", "CSV").bytes())

    def rows(self, table, export):
        class Wider:
            columns = export.columns + [("cdrx_account", "text"), ("cdrx_window", "text")]
        return judges.clickhouse_values(
            self.session.query, f"`{table}`", Wider, export.format == "parquet")

    def types(self, table):
        return {
            name: " ".join(type.split()).replace("( ", "(").replace(" )", ")")
            for name, type, *_ in self._describe(table)}

    def comments(self, table):
        return {row[0]: row[4] for row in self._describe(table)}

    def _describe(self, table):
        text = self.session.query(f"DESCRIBE TABLE `{table}`", "JSONCompactEachRow").bytes()
        return [json.loads(line) for line in text.decode().splitlines()]

    expected_types = judges.CLICKHOUSE
