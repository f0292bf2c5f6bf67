"""The page that `cdrx report` writes: what it says, and that browsers and readers of screens take it.

What needs a browser is skipped where there is none; Tests/prerequisites installs Debian's Chromium."""
import datetime
import html
import html.parser
import json
import os
import re
import shutil
import subprocess

import pytest

from harness import COMMO, USER_OUT_MISSED, Workplace, simulating, stream
from provider import providing

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
VOID = {"meta", "link", "br", "hr", "img", "input"}
NIGHTLY = {"every": "day", "range": "yesterday", "settle": "0s", "refresh": 1}
LATER = ("--now", "2026-01-07T00:00:00Z")


class Page(html.parser.HTMLParser):
    """A page as tags with their attributes and texts; fails where tags do not fit together."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.tags = []
        self.texts = {}
        self.tables = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data
        if {"td", "th"} & set(self.open[-3:]) and self.tables:
            self.tables[-1][-1][-1] += data.strip()

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    def table(self, first, second):
        """The one table whose head begins so, as dictionaries."""
        [table] = [table for table in self.tables if table[0][:2] == [first, second]]
        return [dict(zip(table[0], row)) for row in table[1:]]


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    """Nights with retries, rejects, a refused account, a hole, a list of hours, and records that come late."""
    work = Workplace(tmp_path_factory.mktemp("report"))

    def pipeline(simulator, secret):
        work.pipeline([
            stream("calls", USER_OUT_MISSED, simulator, "a", f"b{secret}"),
            stream("bills", COMMO, simulator, "hq", windows={
                "every": "hour", "range": "last 24 hours", "settle": "0s"})], windows=NIGHTLY)

    with simulating("--rows-per-day", 120, "--fault", "http-429=0.02", "--fault", "dirty-rows=0.006",
                    "--fault", "http-503=0.02") as simulator:
        for day, secret in (("02", ""), ("03", ":wrong-1"), ("04", ""), ("06", "")):
            pipeline(simulator, secret)
            code = work.run("--now", f"2026-01-{day}T00:00:00Z").code
            assert code == (77 if secret else 0)
        result = work.run("-o", "report.html", *LATER, command="report")
        assert result.code == 0 and "report.html" in result.err, result
        text = (work.path / "report.html").read_text(encoding="utf-8")
        yield work, text, Page(text)


def test_it_is_one_file_that_loads_and_runs_nothing(reported):
    _, text, page = reported
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "iframe", "img", "object", "embed", "form"}
    assert [link["href"] for link in page.all("link")] == ["data:,"]
    assert not re.search(r"url\(|@import|https?://", text)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    policy = [meta for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy[0]["content"]


def test_names_and_links_fit_together_and_everything_has_a_name(reported):
    _, _, page = reported
    identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identities) == len(set(identities)) >= 5
    targets = {link["href"] for link in page.all("a")}
    assert targets == {f"#{name}" for name in ("streams", "failures", "runs", "rejects", "changes")}
    assert {section["aria-labelledby"] for section in page.all("section")} <= set(identities)
    charts = [chart for chart in page.all("svg") if chart.get("aria-hidden") != "true"]
    assert len(charts) >= 8
    assert all(chart["role"] == "img" and len(chart["aria-label"]) > 10 for chart in charts)
    assert page.all("html") == [{"lang": "en"}] and len(page.all("h1")) == 1
    assert len(page.all("table")) == len(page.all("caption")) >= 6
    assert all("scope" in head for head in page.all("th"))
    # What scrolls can be reached without a mouse.
    regions = [division for division in page.all("div") if division.get("class") == "scroll"]
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in regions)
    for media in ("prefers-color-scheme: dark", "@media print", "max-width: 560px"):
        assert media in page.texts["style"]


def number(text):
    return int(text.replace(",", "")) if text != "–" else None


def test_it_says_what_status_says(reported):
    work, _, page = reported
    status = work.run(*LATER, "--format", "json", command="status").report()
    shown = {row["Stream"]: row for row in page.table("Stream", "Accounts")}
    for entry in status["streams"]:
        row = shown[entry["stream"]]
        assert {name.lower(): number(cell) for name, cell in row.items()
                if name.lower() in status["counts"] and number(cell)} == entry["counts"]
        assert number(row["Rows"]) == entry["rows"]
        assert row["Oldest gap"] == (entry["oldest_gap"] or "–")
    assert shown["calls"]["Missing"] == "4" and shown["calls"]["Oldest gap"] == "2026-01-02"
    # A cell a window, with its name and state for readers of screens.
    cells = re.findall(r"<title>(2026-01-0\d): ([a-z ]+)</title></rect>", reported[1])
    worst = {}
    for window in status["windows"]:
        if window["stream"] == "calls":
            worst.setdefault(window["window"], set()).add(window["state"])
    assert dict(cells) == {
        key: "failed" if "failed" in states else "missing" if "missing" in states else "complete"
        for key, states in worst.items()}


def test_rows_answered_and_missed_are_those_of_the_manifests(reported):
    work, _, page = reported
    tables = [table for table in page.tables if table[0][0] == "Window"]
    found = {row[0]: dict(zip(table[0], row)) for table in tables for row in table[1:]}
    checked = 0
    for path in work.run_file_paths():
        for partition in json.loads(path.read_text())["partitions"]:
            accounts = [account for account in work.manifest(partition["directory"])["accounts"]
                        if account["state"] == "complete"]
            row = found[partition["window"]]
            assert number(row["Answered"]) == sum(account["answered"] for account in accounts)
            assert number(row["Missed"]) == sum(account["missed"] for account in accounts)
            assert number(row["Answered"]) + number(row["Missed"]) == number(row["Rows"])
            checked += number(row["Rows"]) > 0
    assert checked > 20


def test_runs_are_as_they_were(reported):
    work, _, page = reported
    rows = page.table("Started", "Ended as")
    assert [row["Ended as"] for row in rows] == ["complete", "complete", "incomplete", "complete"]
    assert sum(number(row["Retries"]) for row in rows) > 0
    assert sum(number(row["429s"]) for row in rows) > 0
    assert all(number(row["Requests"]) > number(row["Retries"]) for row in rows)
    assert [row["Command"] for row in rows] == ["run"] * 4
    # The machine's clock, whatever --now was.
    now = datetime.datetime.now(datetime.timezone.utc)
    for row in rows:
        started = datetime.datetime.fromisoformat(row["Started"] + "+00:00")
        assert abs(now - started) < datetime.timedelta(hours=1)
    assert re.search(rf"Made by cdrx/\S+ at <time datetime=\"{now:%Y-%m-%d}", reported[1])
    assert "decided for 2026-01-07 00:00:00 UTC" in reported[1]


def test_rejects_and_failures_are_counted(reported):
    work, _, page = reported
    counts = work.run("--format", "json", command="rejects").report()["counts"]
    shown = {}
    for row in page.table("Stream", "Reason"):
        shown[row["Reason"]] = shown.get(row["Reason"], 0) + number(row["Records"])
    assert shown == counts != {}
    [row] = page.table("Stream", "State")
    assert (row["Stream"], row["Windows"], row["Accounts"], row["First"], row["Code"]) == (
        "calls", "1", "b", "2026-01-02", "authentication_failed")


def test_text_from_elsewhere_is_escaped(work):
    evil = "<script>alert('x')</script> & \"quotes\""
    with providing(lambda request: (200, '{"code": 777, "msg": ' + json.dumps(evil) + "}")) as provider:
        work.pipeline([stream("calls", USER_OUT_MISSED, provider, "acc")],
                      output={"path": "<b>&\"'"})
        assert work.run().code == 1
    assert work.run("-o", "page.html", command="report").code == 0
    text = (work.path / "page.html").read_text()
    page = Page(text)
    assert "<script" not in text and "<b>" not in text
    [row] = page.table("Stream", "State")
    assert evil in row["Message of the last one"]
    assert "<b>&\"'" in page.texts["p"]


def test_a_pipeline_that_was_never_run_has_a_page_too(work, calm):
    work.pipeline([stream("calls", USER_OUT_MISSED, calm, "a")], windows=NIGHTLY)
    result = work.run("-o", "-", *LATER, command="report")
    assert result.code == 0 and "The pipeline has not been run yet." in result.out
    Page(result.out)
    assert not work.exports.exists()
    result = work.run("-o", "no/such/directory/page.html", command="report")
    assert result.code == 74 and "no/such/directory" in result.err, result


def chromium(directory, *arguments):
    """What Chromium prints on stdout, and the lines of its log that pages wrote."""
    completed = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         f"--user-data-dir={directory / 'profile'}", *map(str, arguments)],
        env={**os.environ, "HOME": str(directory)}, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=120)
    return completed.stdout, [line for line in completed.stderr.splitlines() if "CONSOLE" in line]


@browser
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("scheme, paper", [(0, "13, 17, 23"), (1, "255, 255, 255")], ids=["dark", "light"])
def test_a_browser_shows_it_without_complaint(reported, tmp_path, width, scheme, paper):
    work, _, _ = reported
    frame = tmp_path / "frame.html"
    frame.write_text(f"""<!DOCTYPE html><body><iframe src="file://{work.path}/report.html"
        style="border: 0" width="{width}" height="900" onload="
            const page = this.contentDocument, root = page.documentElement;
            const wide = [...page.querySelectorAll('svg.chart, h1, h2, dl')].filter(
                element => element.getBoundingClientRect().right > {width} + 1);
            document.body.append('over ' + (root.scrollWidth - root.clientWidth) + ' wide ' + wide.length + ' paper '
                + page.defaultView.getComputedStyle(page.body).backgroundColor)"></iframe>""")
    out, complaints = chromium(
        tmp_path, "--allow-file-access-from-files", f"--blink-settings=preferredColorScheme={scheme}",
        "--virtual-time-budget=3000", "--dump-dom", f"file://{frame}")
    assert complaints == []
    assert f"over 0 wide 0 paper rgb({paper})" in html.unescape(out), out[-500:]
    picture = tmp_path / "page.png"
    _, complaints = chromium(
        tmp_path, f"--blink-settings=preferredColorScheme={scheme}", f"--window-size={width},2000",
        f"--screenshot={picture}", f"file://{work.path}/report.html")
    assert complaints == [] and picture.stat().st_size > 20_000
