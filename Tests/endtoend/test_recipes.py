"""Every recipe of `samples/README.md` runs as it stands there, one after the other in one directory."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import harness
from harness import ROOT, simulating

sys.path.append(str(Path(__file__).parents[1] / "readers"))

import databases  # noqa: E402

# What follows needs engines; Tests/engines runs it.
PAGE = (ROOT / "samples" / "README.md").read_text(encoding="utf-8").split("\n# Over many machines")[0]
RECIPES = re.split(r"^## (\d+\. .*)$", PAGE, flags=re.M)[1:]
RECIPES = list(zip(RECIPES[::2], RECIPES[1::2]))


def files(text):
    """The files of a recipe by name: `name`: before a block of YAML, or in the line of its fence."""
    found = dict(re.findall(r"^`([\w.-]+)`:\n\n```yaml\n(.*?)```", text, re.S | re.M))
    found |= dict(re.findall(r"^```\w+ ([\w.-]+)\n(.*?)```", text, re.S | re.M))
    return found


def commands(text):
    [script] = re.findall(r"^```sh\n(.*?)```", text, re.S | re.M)
    return script


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """Programs, addresses and secrets as the recipes want them; a directory for all."""
    place = tmp_path_factory.mktemp("recipes")
    programs = place / "bin"
    programs.mkdir()
    # `head` ends what is before it in a pipe, so that not every part of one must end well; cdrx must.
    (programs / "cdrx").write_text(
        f'#!/bin/sh\n{harness.CDRX} "$@" || {{ echo "$? $*" >>"{place}/failures"; exit 1; }}\n')
    (programs / "cdrx").chmod(0o755)
    duckdb = Path(sys.executable).parent / "duckdb"
    (programs / "duckdb").symlink_to(duckdb)
    postgres = databases.Postgres()
    (programs / "psql").symlink_to(f"{postgres.binaries}/psql")
    faults = [part for name in ("empty-page", "bad-json", "code-in-200")
              for part in ("--fault", f"{name}=0.02")]
    with simulating("--rows-per-day", 30) as calm, \
            simulating("--rows-per-day", 30, *faults) as faulty:
        yield place, calm, harness.environment({
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "TELECMI_URL": calm.url, "COMMO_URL": calm.url + "/commo", "FAULTY_URL": faulty.url,
            "TELECMI_APP_ID": "1111113", "TELECMI_SECRET": "any", "TELECMI_USER_101": "any",
            "COMMO_TOKEN": "any", "RATE": "1000",
            "POSTGRES_URL": f"host={postgres.directory} port={postgres.port} user=postgres "
                            "dbname=postgres",
        })
    postgres.stop()


def run(script, place, environment):
    return subprocess.run(
        ["bash", "-eu", "-c", script], cwd=place, env=environment, timeout=300,
        stdin=subprocess.DEVNULL, capture_output=True, text=True)


def test_every_recipe_runs_as_it_stands(surroundings):
    place, calm, environment = surroundings
    assert len(RECIPES) == 10
    assert shutil.which("jq")
    printed = {}
    for title, text in RECIPES:
        for name, content in files(text).items():
            (place / name).write_text(content, encoding="utf-8")
        calm.forget()
        result = run(commands(text), place, environment)
        assert result.returncode == 0, (title, result.stdout, result.stderr)
        assert not (place / "failures").exists(), (place / "failures").read_text()
        printed[title.split(".")[0]] = (result.stdout, result.stderr, calm.requests())
    # What each one promises.
    assert printed["1"][0].count("call") > 0
    assert "2 complete already" in printed["2"][1]
    assert re.findall(r"agent-10\d\t\w+\t\d+", printed["3"][0]) == [
        f"agent-{number}\tcomplete\t30" for number in (101, 102, 103)]
    assert '"call_id"' in printed["6"][0]
    rows = [json.loads(path.read_text())["rows"]
            for path in (place / "exports/out_answered").glob("*/_manifest.json")]
    assert len(rows) == 4 and re.search(rf"^{sum(rows)}$", printed["7"][0], re.M)
    assert (place / "load.sql").read_text().count("COPY INTO") >= 1
    assert '"page"' in printed["9"][0]
    assert printed["10"][2] == 0, "a rebuild asked the provider"
