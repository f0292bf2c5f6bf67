"""The unified columns of every endpoint, written from the design's table and sharing nothing with
cdrx. A record is a list of (name, value) with numbers as `Token`; a row is a dictionary of cells:
None, str, Number, bool, or JSON as lists of pairs."""
import datetime
import json
import re

from harness import (
    AGENT_OUT_MISSED, CALL_LEGS, COMMO, OUT_ANSWERED, Token, USER_OUT_MISSED)

COLUMNS = (
    "provider endpoint account call_id leg direction status started_at answered_at ended_at "
    "from_number to_number agent contact_name duration_seconds ring_seconds billed_seconds rate "
    "balance recorded recording hangup_by hangup_code call_method notes extra").split()
TYPES = {
    **{name: "text" for name in COLUMNS},
    **{name: "timestamp" for name in ("started_at", "answered_at", "ended_at")},
    **{name: "int" for name in ("duration_seconds", "ring_seconds", "billed_seconds", "hangup_code")},
    **{name: "decimal(18,6)" for name in ("rate", "balance")},
    "recorded": "bool", "notes": "json", "extra": "json",
}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


class Number(str):
    """A number's one spelling: no exponent, no zeros at the end of its fraction."""


class Escaped(str):
    """Text that the provider spells in ASCII only, as PHP does; `extra` keeps what it says."""


def number(value):
    """`0.0000` → `0`, `12.500000` → `12.5`; from a number or text alike."""
    if value is None:
        return None
    match = re.fullmatch(r"(-?)0*(\d+)(?:\.(\d+))?", str(value))
    sign, whole, fraction = match.group(1), match.group(2), (match.group(3) or "").rstrip("0")
    digits = whole + ("." + fraction if fraction else "")
    return Number(sign + digits if digits != "0" else "0")


def text(value):
    return None if value is None else str(value)


def iso(milliseconds):
    moment = EPOCH + datetime.timedelta(milliseconds=int(milliseconds))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(milliseconds) % 1000:03d}Z"


def beijing(value):
    """`2019-09-27 14:58:37` at +08:00 as epoch milliseconds."""
    if value in (None, "", "1970-01-01 08:00:00"):
        return None
    zone = datetime.timezone(datetime.timedelta(hours=8))
    moment = datetime.datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=zone)
    return int((moment - EPOCH).total_seconds()) * 1000


def known(value):
    """A name; `unknown` stands for none."""
    return None if value == "unknown" else text(value)


def remainder(record, used, spelling=lambda value: value):
    rest = [(name, spelling(value)) for name, value in record
            if name not in used and name not in ("_dirty", "_request_id")]
    return rest or None


def filled(value):
    return None if value == "" else text(value)


def telecmi_v1(record, status):
    get = dict(record).get
    row = {
        "provider": "telecmi", "call_id": get("_id"), "direction": "outbound", "status": status,
        "started_at": int(get("time")), "to_number": text(get("to")), "agent": text(get("from")),
        "contact_name": known(get("name")), "billed_seconds": number(get("billedsec")),
        "rate": number(get("rate")),
    }
    used = ["_id", "to", "time", "from", "billedsec", "rate", "name"]
    if status == "answered":
        row["recorded"] = {"true": True, "false": False, None: None}[get("record")]
        row["recording"] = text(get("filename"))
        used += ["record", "filename"]
    row["extra"] = remainder(record, used)
    return row


def telecmi_v2(record):
    get = dict(record).get
    notes = get("notes")
    if notes is not None:
        notes = [
            [("message", dict(note).get("msg")), ("created_at", iso(dict(note)["date"])),
             ("agent", dict(note).get("agent"))] for note in notes]
    return {
        "provider": "telecmi", "call_id": get("cmiuid"), "direction": "outbound", "status": "missed",
        "started_at": int(get("time")), "from_number": text(get("from")),
        "to_number": text(get("to")), "contact_name": known(get("name")),
        "duration_seconds": number(get("duration")), "billed_seconds": number(get("billedsec")),
        "rate": number(get("rate")), "notes": notes,
        "extra": remainder(record, [
            "cmiuid", "duration", "notes", "billedsec", "rate", "name", "from", "to", "time"]),
    }


def piopiy(record):
    get = dict(record).get
    return {
        "provider": "piopiy", "call_id": get("_request_id"), "leg": get("leg"),
        "direction": get("direction"), "status": get("status"), "started_at": int(get("time")),
        "from_number": text(get("from")), "to_number": text(get("to")),
        "duration_seconds": number(get("duration")), "rate": number(get("rate")),
        "balance": number(get("balance")),
        "extra": remainder(record, [
            "duration", "balance", "rate", "from", "to", "time", "leg", "direction", "status"]),
    }


METHODS = {"1": "internal", "2": "manual", "3": "api", "4": "api_double", "5": "predictive", "6": "ivr"}


def commo(record):
    get = dict(record).get
    answered = beijing(get("answertime"))
    return {
        "provider": "commo", "call_id": text(get("id")),
        "direction": {"callin": "inbound", "callout": "outbound"}[get("direction")],
        "status": "missed" if answered is None else "answered",
        "started_at": beijing(get("starttime")), "answered_at": answered,
        "ended_at": beijing(get("endtime")), "from_number": filled(get("displaynumber")),
        "to_number": filled(get("destnumber")), "agent": filled(get("extnumber")),
        "ring_seconds": number(get("duration")), "billed_seconds": number(get("billsec")),
        "recording": filled(get("recordfilename")),
        "hangup_by": {"10040": "caller", "10041": "callee"}.get(get("hangupdirection")),
        "hangup_code": number(get("hangupcause")),
        "call_method": METHODS.get(get("callmethod"), text(get("callmethod"))),
        "extra": remainder(record, [
            "id", "extnumber", "destnumber", "displaynumber", "starttime", "answertime", "endtime",
            "duration", "billsec", "direction", "callmethod", "recordfilename", "hangupcause"],
            lambda value: value if isinstance(value, Token) else Escaped(value)),
    }


MAPPINGS = {
    OUT_ANSWERED: lambda record: telecmi_v1(record, "answered"),
    AGENT_OUT_MISSED: lambda record: telecmi_v1(record, "missed"),
    USER_OUT_MISSED: telecmi_v2,
    CALL_LEGS: piopiy,
    COMMO: commo,
}


def rows(endpoint, account, records, timestamps=iso):
    """The rows that a window must give, in order. Records with `_dirty` are rejects."""
    made = []
    for ordinal, record in enumerate(record for record in records if "_dirty" not in dict(record)):
        row = {name: None for name in COLUMNS}
        row.update(MAPPINGS[endpoint](record), endpoint=endpoint, account=account)
        made.append((row["started_at"], row["call_id"], row["leg"] or "",
                     row["to_number"] if row["leg"] else "", ordinal, row))
    made.sort(key=lambda entry: entry[:-1])
    for entry in made:
        for name in ("started_at", "answered_at", "ended_at"):
            if entry[-1][name] is not None:
                entry[-1][name] = timestamps(entry[-1][name])
    return [entry[-1] for entry in made]


def json_text(value):
    """Compact JSON of pairs, in which numbers keep their spelling."""
    if isinstance(value, (Token, Number)):
        return str(value)
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return "{" + ",".join(f"{json_text(name)}:{json_text(part)}" for name, part in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, Escaped):
        return json.dumps(value, ensure_ascii=True).replace("/", "\\/")
    return json.dumps(value, ensure_ascii=False)


def csv_cell(name, value, delimiter=","):
    """A cell's bytes as text: null is empty, the empty text is two quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    cell = json_text(value) if isinstance(value, list) else str(value)
    if cell == "" or any(mark in cell for mark in (delimiter, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def csv_bytes(rows, columns=COLUMNS):
    lines = [",".join(columns)]
    lines += [",".join(csv_cell(name, row[name]) for name in columns) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def plain_cells(rows, columns=COLUMNS):
    """What a CSV reader that knows no null should find."""
    def cell(value):
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return json_text(value) if isinstance(value, list) else str(value)
    return [[cell(row[name]) for name in columns] for row in rows]


def json_rows(rows, columns=COLUMNS):
    """What `harness.ndjson_rows` should find."""
    return [[(name, row[name]) for name in columns] for row in rows]
