"""A provider whose records go to every limit, served on loopback, and the truth about them.

Rows are made from a seed. A row is a dictionary of field → (JSON text as sent, value): values are
str, int, bool, decimal.Decimal, epoch milliseconds for times, JSON text for JSON, and a list of
{message, created_at, agent} for notes; None where the field is not sent or null.
"""
import bisect
import decimal
import http.server
import json
import random
import threading

DAY = 86_400_000
FIRST_DAY = 1_767_225_600_000  # 2026-01-01T00:00:00Z

ENTRY = """\
provider: hostile
endpoints:
  - endpoint: hostile.calls
    title: 'All of it: "quotes", it''s back\\slashed; -- and $commented'
    document: hostile
    request:
      path: /calls
      encoding: json
      credentials:
        - {name: token, type: text}
      window: {start: start, end: end, format: epoch_ms}
      paging: {page: page, size: limit, default_size: 1000, maximum_size: 5000}
    response:
      rows: cdr
      total: count
      rules:
        success:
          - {path: code, accepts: [200]}
        failures:
          - {path: code, codes: [401], means: authentication}
        error_texts: [msg]
    key: [id]
    time: time
    constants: {direction: outbound}
    fields:
      - {name: id, type: text, column: call_id, required: true, summary: 'It''s the "id" \\ of the call'}
      - {name: time, type: epoch_ms, column: started_at, required: true, summary: Start}
      - {name: answered, type: epoch_ms, column: answered_at, summary: Answer}
      - {name: ended, type: epoch_ms, column: ended_at, summary: End}
      - {name: from, type: digits, column: from_number, summary: Caller}
      - {name: to, type: digits, column: to_number, summary: Called}
      - {name: who, type: text, column: agent, summary: Agent}
      - {name: name, type: text, column: contact_name, summary: Name}
      - {name: duration, type: int, column: duration_seconds, summary: Seconds}
      - {name: ring, type: int, column: ring_seconds, summary: Seconds}
      - {name: cost, type: "decimal(18,6)", column: rate, summary: Cost}
      - {name: left, type: "decimal(18,6)", column: balance, summary: What is left}
      - {name: taped, type: bool, column: recorded, summary: Taped}
      - {name: file, type: text, column: recording, summary: File}
      - {name: cause, type: int, column: hangup_code, summary: Cause}
      - name: notes
        type: json
        column: notes
        notes: {message: msg, created_at: date, agent: agent}
        summary: Notes
      - {name: data, type: json, summary: Anything}
"""

LONGEST = 10_000
TEXTS = [
    "", " ", "  both ends ", '"', '""', '"quoted", and, commas', "line\nbreak", "line\r\nbreak\r",
    "tab\tback\\slash\\", "\\N", "NULL", "null", "NaN", "true", "0", "-", "=1+1", "'single'", "😀🇮🇳👩‍👩‍👧",
    "நன்றி", "\u202ertl", "\ufeffbom", "e\u0301", "\x01\x02\x1f\x7f", "\u2028\u2029\x85", "a;b|c",
    "x" * LONGEST, "é" * LONGEST, "\U0010ffff" * 40, "+910000000000", "{}", "[1]", "--", "$1", "%s",
]
# As cdrx must write what is sent otherwise: half of a surrogate pair, and U+0000.
REPAIRED = {"\ufffdhalf": "\\ud800half", "zero\ufffd": "zero\\u0000"}
INTS = [0, 1, -1, 2_147_483_647, -2_147_483_648, 59]
DECIMALS = [
    "0", "1", "-1", "0.000001", "-0.000001", "999999999999.999999", "-999999999999.999999",
    "123456789012.345678", "0.1", "1.5", "100", "0.30",
]
# 1970 and 2099, before 1970, a leap day, and the ends of a second.
TIMES = [
    0, 1, 999, 4_102_444_799_999, -1, -86_400_000, 1_709_164_800_000, 1_654_182_968_809,
    1_767_225_600_000,
]
JSONS = [
    "{}", "[]", '{"a":1.50}', '[null,"x"]', '"text"', "12345678901234567890123", "1e2", "true",
    '{"ü":["\\"",{"b":[]}]}', '"\\n"', '{"k":"' + "y" * 3_000 + '"}',
    '{"\ufffdhalf":["zero\ufffd",{"a":"\ufffdhalf"}]}',
]


def text(value):
    return json.dumps(value, ensure_ascii=False)


class Rows:
    """Rows of three days: many, none, one."""

    def __init__(self, count, seed):
        self.random = random.Random(seed)
        self.rows = [self._row(number, FIRST_DAY + number * DAY // max(count, 1))
                     for number in range(count)]
        self.rows.append(self._row(count, FIRST_DAY + 2 * DAY))
        self.rows.sort(key=lambda row: (row["time"][1], row["id"][1].encode()))

    def of_day(self, day):
        start = FIRST_DAY + day * DAY
        return [row for row in self.rows if start <= row["time"][1] < start + DAY]

    def _row(self, number, time):
        pick = self.random.choice
        row = {
            "id": f"call-{number}-{self.random.getrandbits(64)}", "time": time,
            "answered": pick(TIMES), "ended": pick(TIMES), "from": pick(TEXTS),
            "to": "9" * (number % 50) + str(number), "who": pick(TEXTS),
            "name": pick(TEXTS), "duration": pick(INTS), "ring": number % 97,
            "cost": pick(DECIMALS), "left": pick(DECIMALS), "taped": pick([True, False]),
            "file": pick(TEXTS), "cause": pick(INTS), "notes": self._notes(),
            "data": pick(JSONS),
        }
        for name in row:
            # Everything that may be missing is, in some rows all of it.
            if name not in ("id", "time") and (number % 41 == 7 or self.random.random() < 0.2):
                row[name] = None
        sent = {name: self._sent(name, value) for name, value in row.items() if value is not None}
        if number % 5 == 0:
            sent["unknown"] = (text(pick([*TEXTS, *REPAIRED])), None)
        return sent

    def _notes(self):
        pick = self.random.choice
        return [
            {"message": pick([None, *REPAIRED, pick(TEXTS)]),
             "created_at": pick([None, pick(TIMES)]),
             "agent": pick([None, "", "101_1111112"])}
            for _ in range(pick([1, 1, 2, 5]))]

    @staticmethod
    def _sent(name, value):
        if name in ("cost", "left"):
            return value, decimal.Decimal(value)
        if name == "notes":
            notes = [{"msg": note["message"], "date": note["created_at"], "agent": note["agent"]}
                     for note in value]
            return json.dumps(notes, ensure_ascii=False, separators=(",", ":")), value
        if name == "data":
            return value, value
        return text(value), value


def raw(row):
    body = "{" + ",".join(f"{text(name)}:{sent}" for name, (sent, _) in row.items()) + "}"
    for repaired, sent in REPAIRED.items():
        body = body.replace(repaired, sent)
    return body


def sent(rows):
    """Times and bodies of rows."""
    return [row["time"][1] for row in rows], [raw(row) for row in rows]


class Provider:
    """Answers the entry's endpoint with some rows, sorted by time, newest first."""

    def __init__(self, times, bodies):

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                found = range(bisect.bisect_left(times, int(asked["start"])),
                              bisect.bisect_right(times, int(asked["end"])))[::-1]
                page, limit = int(asked["page"]), int(asked["limit"])
                chosen = found[(page - 1) * limit:page * limit]
                answer = ('{"code":200,"count":%d,"cdr":[%s]}' % (
                    len(found), ",".join(bodies[index] for index in chosen))).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


# --- what each choice of columns must give ---

UNIFIED = [
    ("provider", "text"), ("endpoint", "text"), ("account", "text"), ("call_id", "text"),
    ("leg", "text"), ("direction", "text"), ("status", "text"), ("started_at", "time"),
    ("answered_at", "time"), ("ended_at", "time"), ("from_number", "text"), ("to_number", "text"),
    ("agent", "text"), ("contact_name", "text"), ("duration_seconds", "int"),
    ("ring_seconds", "int"), ("billed_seconds", "int"), ("rate", "decimal"),
    ("balance", "decimal"), ("recorded", "bool"), ("recording", "text"), ("hangup_by", "text"),
    ("hangup_code", "int"), ("call_method", "text"), ("notes", "notes"), ("extra", "json"),
]
FIELD_OF = {
    "call_id": "id", "started_at": "time", "answered_at": "answered", "ended_at": "ended",
    "from_number": "from", "to_number": "to", "agent": "who", "contact_name": "name",
    "duration_seconds": "duration", "ring_seconds": "ring", "rate": "cost", "balance": "left",
    "recorded": "taped", "recording": "file", "hangup_code": "cause", "notes": "notes",
}
CONSTANT = {
    "provider": "hostile", "endpoint": "hostile.calls", "account": "main_1.x-y",
    "direction": "outbound",
}
NATIVE = [
    ("id", "text"), ("time", "time"), ("answered", "time"), ("ended", "time"), ("from", "text"),
    ("to", "text"), ("who", "text"), ("name", "text"), ("duration", "int"), ("ring", "int"),
    ("cost", "decimal"), ("left", "decimal"), ("taped", "bool"), ("file", "text"),
    ("cause", "int"), ("notes", "json"), ("data", "json"), ("extra", "json"),
]
# Output name, unified name; among them a reserved word.
PICKED = [
    ("when", "started_at"), ("id", "call_id"), ("select", "contact_name"), ("price", "rate"),
    ("notes", "notes"), ("taped", "recorded"), ("seconds", "duration_seconds"),
    ("answered_at", "answered_at"), ("extra", "extra"),
]
PLAIN = [(name, kind) for name, kind in UNIFIED if kind not in ("json", "notes")]
FEW = [(name, kind) for name, kind in UNIFIED if name in (
    "call_id", "started_at", "from_number", "duration_seconds", "rate")]
CHOICES = {
    "unified": ("unified", UNIFIED),
    "native": ("native", NATIVE),
    "list": (
        [{source: name} for name, source in PICKED],
        [(name, dict(UNIFIED)[source]) for name, source in PICKED]),
    # For a million rows.
    "few": ([name for name, _ in FEW], FEW),
    # Without JSON, for readers that take no number beyond 64 bits there.
    "plain": ([name for name, _ in PLAIN], PLAIN),
}


def extra(row, fields):
    """The object of the fields named, as sent; None where it has none."""
    members = [f"{text(name)}:{sent}" for name, (sent, _) in row.items() if name in fields]
    return "{" + ",".join(members) + "}" if members else None


def unified_value(row, name):
    if name == "extra":
        return extra(row, ("data", "unknown"))
    if name in CONSTANT:
        return CONSTANT[name]
    return row.get(FIELD_OF.get(name), (None, None))[1]


def expected(rows, choice):
    """The rows as dictionaries of the output's columns."""
    if choice == "native":
        return [
            {name: extra(row, ("unknown",)) if name == "extra"
             else CONSTANT.get(name, row.get(name, (None, None))[0 if kind == "json" else 1])
             for name, kind in NATIVE} for row in rows]
    pairs = PICKED if choice == "list" else [(name, name) for name, _ in CHOICES[choice][1]]
    return [{name: unified_value(row, source) for name, source in pairs} for row in rows]
