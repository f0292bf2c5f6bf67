"""The recorded terminal in `samples/terminal`, and the log that `samples/logs/retell.jq` retells."""
import os
import re
import subprocess

from harness import CDRX, COMMO, ROOT, USER_OUT_MISSED, environment, simulating, stream

RECORDING = ROOT / "samples" / "terminal" / "recording.txt"


def screens(text):
    """Title → the kinds of its lines."""
    parts = re.split(r"^== (.*)\n", text, flags=re.M)
    return {title: kinds(body) for title, body in zip(parts[1::2], parts[2::2])}


def kinds(body):
    """Lines without what differs from run to run: numbers, states, and what a line has only now and then."""
    found = set()
    for line in body.splitlines():
        line = re.sub(r"[█▒░×]{3,}", "BAR", line)
        line = re.sub(r"\b\d+-\d+-\d+\b", "DATE", line)
        line = re.sub(r"\d{8}T\d+Z-[0-9a-f]{8}", "RUN", line)
        line = re.sub(r"(interrupted|complete)\s+(yes|no)\s.*", "STATE", line)
        line = re.sub(r"\d[\d,.:]*", "0", line)
        line = re.sub(r"\b(out_answered|user_out_missed|commo|main|hq|u0)\b", "NAME", line)
        line = re.sub(r"0 (retry|retries)|0×0( 0/s)?|0 (rows/s|pages|windows)|0/0 \w+|0 left|done|0 k?M?B\b|0 failed",
                      "", line)
        line = re.sub(r"\(, 0 answered 0, 0 s of pauses\)|\(.*s of pauses\)", "PAUSES", line)
        line = re.sub(r"\s+", " ", line).strip()
        # Which windows an interruption hits is chance, and so how many lines it takes.
        if "interrupted; the next run resumes" not in line and "; the next run resumes it" not in line:
            found.add(line)
    return found - {""}


def test_a_terminal_shows_today_what_was_recorded():
    completed = subprocess.run(
        [ROOT / "samples" / "terminal" / "record", CDRX], env=environment({"LANG": "C.UTF-8"}),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200)
    assert completed.returncode == 0, completed.stderr
    recorded, today = screens(RECORDING.read_text(encoding="utf-8")), screens(completed.stdout)
    assert list(today) == list(recorded) == [
        "while it runs", "after Ctrl-C", "the run that resumes it", "at its end"]
    for title, lines in recorded.items():
        assert today[title] == lines, title
    text = RECORDING.read_text(encoding="utf-8")
    assert "×429" in text and "retries" in text and "interrupted" in text and " left" in text


def test_jq_retells_a_faulty_run(work):
    with simulating("--rows-per-day", 300, "--fault", "http-429=0.05", "--fault", "http-503=0.05") as simulator:
        work.pipeline(
            [stream("calls", USER_OUT_MISSED, simulator, "user-1", "user-2:dead-1"),
             stream("bills", COMMO, simulator, "hq")], extract={"requests_per_second": 200})
        result = work.run("--log-format", "json", "--verbose", "--format", "json")
    program = ROOT / "samples" / "logs" / "retell.jq"
    assert len(program.read_text().splitlines()) <= 21
    told = subprocess.run(
        ["jq", "-rsf", program], input=result.err, capture_output=True, text=True, check=True,
        env={"PATH": os.environ["PATH"]}).stdout
    report = result.report()
    assert told.startswith(f"Run {report['run_id']} of test: 3 windows to export.\n"), told
    assert re.search(r"^calls was asked again (once|\d+ times) after http_503, with [\d.]+ s of pauses\.$", told, re.M), told
    assert re.search(r"^calls/user-1 was slowed down (once|\d+ times), to [\d.]+ requests a second\.$", told, re.M), told
    assert re.search(r"^calls/user-2/2026-01-01 failed: .*refused the credentials", told, re.M), told
    assert re.search(r"^bills: 1 partitions with \d+ rows\.$", told, re.M), told
    assert told.endswith(
        f"It ended with exit code 77 after {report['seconds']} s and {report['requests']} requests.\n"), told
