"""`cdrx init`: from nothing to a first partition, by what it prints."""
import json
import re

import pytest

from harness import (
    AGENT_OUT_MISSED, CALL_LEGS, COMMO, OUT_ANSWERED, ROOT, USER_OUT_MISSED, cdrx,
    simulating)

ENDPOINTS = [line["id"] for line in cdrx("endpoints", "--format", "json").lines()]
# Those of one form each; that the template is valid for every endpoint, PipelineTemplateTests show.
TRIED = [OUT_ANSWERED, AGENT_OUT_MISSED, USER_OUT_MISSED, CALL_LEGS, COMMO]


@pytest.fixture(scope="module")
def few():
    """So few records that five requests a second, as a new file has it, soon have them."""
    with simulating("--rows-per-day", 30) as simulator:
        yield simulator


def follow(work, simulator, result):
    """Does what the messages ask for; gives the environment."""
    env = {}
    for name in re.findall(r"^  export (\w+)=", result.err, re.M):
        env[name] = "1111113" if name.endswith("APPID") else "secret"
    [tried] = re.findall(r"Without an account: .*", result.err)
    for name in re.findall(r"export (\w+)=http", tried):
        env[name] = simulator.url + ("/commo" if name.startswith("COMMO") else "")
    for path in re.findall(r"into (\S+) \(", result.err):
        work.write(path.replace("{window}", "2026-01-01"), "rid-1-0001\nrid-1-0002\n")
    return env


@pytest.mark.parametrize("endpoint", TRIED)
def test_what_it_writes_leads_to_a_partition(work, few, endpoint):
    result = cdrx("init", endpoint, "-o", "calls.yaml", cwd=work.path)
    assert result.code == 0, result
    env = follow(work, few, result)
    assert "  cdrx check calls.yaml" in result.err and "  cdrx run calls.yaml" in result.err
    checked = cdrx("validate", "calls.yaml", cwd=work.path, env=env)
    assert checked.code == 0 and "warning: `token`" not in checked.err, checked
    for command in ["check", "run"]:
        done = cdrx(command, "calls.yaml", "--now", "2026-01-02T12:00", cwd=work.path, env=env)
        assert done.code == 0, done
    assert sum(work.manifest(partition)["rows"] for partition in work.partitions()) > 0


def test_all_endpoints_fit_into_one_file(work, calm):
    result = cdrx("init", *ENDPOINTS, "-o", "all.yaml", cwd=work.path)
    env = follow(work, calm, result)
    assert cdrx("validate", "all.yaml", cwd=work.path, env=env).code == 0
    assert "pipeline: all " in (work.path / "all.yaml").read_text()


def test_without_a_file_it_prints_yaml_alone(work):
    result = cdrx("init", COMMO, cwd=work.path)
    assert result.out.startswith("# yaml-language-server: $schema=pipeline.schema.json\n")
    assert result.err == f"To keep it, say -o: cdrx init {COMMO} -o calls.yaml\n"
    assert list(work.path.iterdir()) == []


def test_the_schema_of_its_first_line_lies_beside_it(work):
    schema = json.loads((ROOT / "pipelines/pipeline.schema.json").read_text())
    assert json.loads(cdrx("init", "--schema").out) == schema
    entries = json.loads((ROOT / "pipelines/endpoint.schema.json").read_text())
    assert json.loads(cdrx("init", "--endpoint-schema").out) == entries
    assert cdrx("init", COMMO, "-o", "calls.yaml", cwd=work.path).code == 0
    assert json.loads((work.path / "pipeline.schema.json").read_text()) == schema


def test_it_overwrites_nothing_unless_forced(work):
    file = work.write("calls.yaml", "mine")
    work.write("pipeline.schema.json", "mine")
    refused = cdrx("init", COMMO, "-o", "calls.yaml", cwd=work.path)
    assert refused.code == 64
    assert "calls.yaml exists and stays as it is; --force overwrites it" in refused.err
    assert file.read_text() == "mine"
    assert cdrx("init", COMMO, "-o", "calls.yaml", "--force", cwd=work.path).code == 0
    assert "commo.get_bill" in file.read_text()
    assert (work.path / "pipeline.schema.json").read_text() == "mine"


def test_a_directory_that_is_not_there_is_an_error(work):
    result = cdrx("init", COMMO, "-o", "no/calls.yaml", cwd=work.path)
    assert result.code == 74
    assert "no/calls.yaml cannot be written" in result.err


def test_a_misspelt_endpoint_gets_the_nearest_name():
    result = cdrx("init", "comm.get_bil")
    assert result.code == 64
    assert "there is no endpoint 'comm.get_bil'; did you mean `commo.get_bill`?" in result.err
    none = cdrx("init")
    assert none.code == 64 and all(endpoint in none.err for endpoint in ENDPOINTS)
    assert OUT_ANSWERED in cdrx("endpoints", "nothing.like.it").err
