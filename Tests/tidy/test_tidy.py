"""The rules of the source tree that a compiler does not check. Each test lists every offender."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LONGEST_FILE = 400


def tracked(*patterns):
    """Paths that git knows, or would take, below the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [path for path in listing.splitlines() if (ROOT / path).is_file()]
    return paths


SWIFT = tracked("Sources/*.swift", "Tests/*.swift", "Package.swift")
SOURCES = [path for path in SWIFT if path.startswith("Sources/")]

# Text in quotation marks and comments may say anything.
QUOTED = re.compile(r'"""(?:.|\n)*?"""|"(?:[^"\\\n]|\\.)*"')
COMMENT = re.compile(r"//.*")


def blank(match):
    """As many lines, but nothing on them."""
    return "\n" * match.group(0).count("\n")


def code_lines(path, with_comments=False):
    """(line number, line) without texts, and without comments unless asked for."""
    text = (ROOT / path).read_text(encoding="utf-8")
    text = QUOTED.sub(blank, text)
    if not with_comments:
        text = COMMENT.sub("", text)
    return list(enumerate(text.split("\n"), start=1))


def offenders(paths, pattern, with_comments=False):
    regex = re.compile(pattern)
    return [
        f"{path}:{number}: {line.strip()}"
        for path in paths
        for number, line in code_lines(path, with_comments)
        if regex.search(line)
    ]


def test_there_is_something_to_check():
    assert len(SOURCES) > 100


def test_files_have_at_most_400_lines():
    lengths = {path: len((ROOT / path).read_bytes().splitlines()) for path in SWIFT}
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize(
    "pattern",
    [
        r"\btry!",
        r"\bas!",
        r"@unchecked\s+Sendable",
        r"\bnonisolated\(unsafe\)",
        r"\bfatalError\b",
        r"\bunsafeBitCast\b",
    ],
)
def test_no_traps_and_no_claims_that_are_not_checked(pattern):
    assert offenders(SWIFT, pattern) == []


def test_no_force_unwrapping():
    # A name, closing bracket or quotation mark before the `!`, and what can follow an expression.
    assert offenders(SWIFT, r"[\w)\]}]!(?:[.,;)\]}\[]|\s|$)(?!=)") == []


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "HACK"])
def test_nothing_is_put_off_in_comments(word):
    assert offenders(SWIFT, rf"\b{word}\b", with_comments=True) == []


def test_only_bounded_dispatch_knows_threads():
    found = offenders(SOURCES, r"\bimport\s+(?:struct\s+|class\s+)?Dispatch\b|\bThread\b|\bDispatchQueue\b")
    # The simulator is a program of its own; its server has a thread for each connection.
    allowed = ("Sources/BoundedDispatch/", "Sources/ProviderSimulator/Simulator.swift:")
    assert [line for line in found if not line.startswith(allowed)] == []


def test_only_the_system_clock_knows_time_and_chance():
    found = offenders(SOURCES, r"(?<![\w.])Date\(\)|\bUUID\(\)|\.random\((?!.*using:)|SystemRandomNumberGenerator")
    allowed = ("Sources/ExportRun/SystemClock.swift:", "Sources/ProviderSimulator/")
    assert [line for line in found if not line.startswith(allowed)] == []


def test_only_the_run_imports_more_than_one_stage():
    stages = {"Planning", "Extraction", "Transformation", "PartitionFormats", "Publication", "RunLedger",
              "PipelineFile", "Archive"}
    for path in SOURCES:
        target = path.split("/")[1]
        if target in stages:
            text = (ROOT / path).read_text(encoding="utf-8")
            imported = set(re.findall(r"^\s*(?:public |package |internal )?import (\w+)", text, re.M))
            assert imported & (stages - {target}) == set(), path


def test_every_target_is_compiled_strictly():
    text = (ROOT / "Package.swift").read_text(encoding="utf-8")
    for setting in [
        ".swiftLanguageMode(.v6)", '"ExistentialAny"', '"InternalImportsByDefault"',
        '"MemberImportVisibility"', ".treatAllWarnings(as: .error)",
    ]:
        assert setting in text


def test_every_package_has_an_exact_version():
    text = (ROOT / "Package.swift").read_text(encoding="utf-8")
    packages = re.findall(r"\.package\([^)]*\)", text)
    assert packages
    assert [package for package in packages if not re.search(r'exact: "\d+\.\d+\.\d+"', package)] == []


def test_nothing_built_is_committed():
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = [
        path for path in listing.splitlines()
        if re.search(r"(^|/)\.build|(^|/)\.venv|Package\.resolved$|\.sqlite|\.parquet$|__pycache__|^exports/", path)
    ]
    assert names == []


def test_pipelines_name_their_schema():
    for path in tracked("pipelines/*.yaml"):
        first = (ROOT / path).read_text(encoding="utf-8").split("\n")[0]
        assert first == "# yaml-language-server: $schema=pipeline.schema.json", path
