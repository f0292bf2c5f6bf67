"""What the README says, as far as a program can check it."""
import re

import pytest

from harness import ROOT, cdrx

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_pipeline_file_is_valid(work):
    [example] = [block for block in re.findall(r"```yaml\n(.*?)```", README, re.S)
                 if "pipeline: nightly-calls" in block]
    work.write("pipeline.yaml", example)
    result = work.run(command="validate", env={"TELECMI_USER_101": "x"})
    assert result.code == 0, result
    assert "warning" not in result.err


@pytest.mark.parametrize("path", sorted((ROOT / "pipelines").glob("*.yaml")), ids=lambda path: path.name)
def test_every_pipeline_is_valid_once_its_environment_is_set(path):
    names = set(re.findall(r"\$\{(\w+)\}", path.read_text(encoding="utf-8")))
    values = {name: "https://example.org" if name.endswith("URL") else "1234" for name in names}
    result = cdrx("validate", path, env=values)
    assert result.code == 0, result


def test_it_lists_every_command():
    helped = cdrx("--help").out.split("SUBCOMMANDS:")[1].split("See 'cdrx")[0]
    commands = set(re.findall(r"^  ([a-z]+)\s", helped, re.M))
    assert len(commands) > 8
    assert set(re.findall(r"^\| `cdrx (\w+)", README, re.M)) == commands


def test_it_lists_the_endpoints_of_every_provider():
    endpoints = [line["id"] for line in cdrx("endpoints", "--format", "json").lines()]
    table = README.split("## Endpoints")[1].split("### Adding one")[0]
    listed = re.findall(r"^\|[^|]+\| `([\w.]+)\.\*`", table, re.M)
    assert [name for name in endpoints if not name.startswith(tuple(listed))] == []
    assert [name for name in listed if not any(id.startswith(name) for id in endpoints)] == []


SHOWN = (ROOT / "Tests" / "README.md").read_text(encoding="utf-8")
RELIABILITY, FAULTS = SHOWN.split("## Fuzzing")[0].split("## Faults that were found")


@pytest.mark.parametrize("table", [RELIABILITY, FAULTS], ids=["reliability", "faults"])
def test_every_test_it_names_exists(table):
    cells = [line.split("|")[3] for line in table.splitlines() if line.startswith("| ")][1:]
    names = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert len(names) > 40
    sources = "".join(
        path.read_text(encoding="utf-8") for suffix in ("swift", "py")
        for path in (ROOT / "Tests").rglob(f"*.{suffix}"))
    assert names - set(re.findall(r"\b(?:func|def|struct) (\w+)", sources)) == set()


def test_it_has_every_exit_code():
    table = README.split("| exit code |")[1].split("## More")[0]
    codes = set(re.findall(r"^\| (\d+)(?:, (\d+))? \|", table, re.M))
    assert {code for pair in codes for code in pair if code} == {
        "0", "1", "64", "69", "74", "75", "77", "78", "130", "143"}


def test_values_it_lists_stand_in_the_comments_of_columns():
    output = (ROOT / "pipelines" / "OUTPUT.md").read_text(encoding="utf-8")
    table = output.split("| column | values, besides null |")[1].split("\n\n")[0]
    listed = {row.split("`")[1]: re.findall(r"`(\w+)`", row.split("|")[2])
              for row in table.splitlines() if row.startswith("| `")}
    assert set(listed) == {"direction", "status", "leg", "hangup_by", "call_method"}
    for stream, columns in [("commo", set(listed) - {"leg"}), ("call_legs", {"leg"})]:
        printed = cdrx("schema", ROOT / "pipelines" / "quickstart.yaml", "--stream", stream,
                       "--dialect", "postgres", env={"CDRX_SIMULATOR_URL": "http://127.0.0.1:1"})
        assert printed.code == 0, printed
        for column in columns:
            [comment] = re.findall(rf"COMMENT ON COLUMN .*\"?{column}\"? IS '(.*)';", printed.out)
            assert [value for value in listed[column] if not re.search(rf"\b{value}\b", comment)] == []


def test_the_cost_of_a_call_is_called_so():
    printed = cdrx("schema", ROOT / "pipelines" / "quickstart.yaml", "--stream", "out_answered",
                   "--dialect", "postgres", env={"CDRX_SIMULATOR_URL": "http://127.0.0.1:1"})
    assert re.search(r"\brate\b.* IS 'Cost of the call \(not a price per minute\)", printed.out)


PAGES = [path for path in ROOT.rglob("*.md")
         if not path.relative_to(ROOT).parts[0].startswith((".", "shared"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    """Files exist, and so do the headings that links name."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.M)
            names = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings}
            assert anchor in names, f"{page.name}: {target}"
