"""`pipelines/README.md` has every key of pipeline and endpoint files, and no other."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

import mapping
from harness import cdrx

from harness import cdrx

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "pipelines" / "README.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "pipelines" / "pipeline.schema.json").read_text(encoding="utf-8"))
ENDPOINT_SCHEMA = json.loads(
    (ROOT / "pipelines" / "endpoint.schema.json").read_text(encoding="utf-8"))
# Mappings with a section of their own; the others' keys are written `mapping.key`.
SECTIONS = ("windows", "extract", "archive", "output")


def section(title):
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text):
    """Cells by key of every table row."""
    found = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)][1:-1]
        match = re.fullmatch(r"`([\w.]+)`", cells[0]) if cells else None
        if match:
            found[match[1]] = cells[1:]
    return found


def resolved(node):
    while "$ref" in node:
        rest = {key: value for key, value in node.items() if key != "$ref"}
        node = SCHEMA["$defs"][node["$ref"].split("/")[-1]] | rest
    return node


def schema_keys(node, nested=()):
    """The keys of a mapping in the schema; those of `nested` ones as `mapping.key`."""
    found = {}
    for key, value in resolved(node)["properties"].items():
        value = resolved(value)
        if key in nested:
            found |= {f"{key}.{name}": child for name, child in schema_keys(value).items()}
        else:
            found[key] = value
    return found


STREAM = SCHEMA["properties"]["streams"]["items"]
PIPELINE_TABLES = {
    "Top level": schema_keys(SCHEMA),
    **{name: schema_keys(SCHEMA["properties"][name], ("csv", "parquet")) for name in SECTIONS},
    "streams": schema_keys(STREAM, ("requests", "for_each")),
    "on_success and on_failure": schema_keys({"$ref": "#/$defs/timedCommand"}),
}


@pytest.mark.parametrize("title", PIPELINE_TABLES)
def test_it_has_every_key_of_a_pipeline_file(title):
    assert set(rows(section(title))) == set(PIPELINE_TABLES[title])


@pytest.mark.parametrize("title", PIPELINE_TABLES)
def test_it_has_the_schema_s_words_and_defaults(title):
    page = rows(section(title))
    for key, node in PIPELINE_TABLES[title].items():
        value, default = page[key][:2]
        if "default" in node:
            text = node["default"] if isinstance(node["default"], str) else json.dumps(
                node["default"])
            assert default == (f"`{text}`" if text else '`""`'), key
        words = [word for part in (node, *node.get("anyOf", []), *node.get("oneOf", []))
                 for word in resolved(part).get("enum", []) if isinstance(word, str)]
        assert all(f"`{word}`" in value for word in words), (key, words, value)


def test_it_lists_the_catalog():
    catalog = [line for line in cdrx("endpoints", "--format", "json").lines()]
    table = rows(section("The catalog"))
    assert list(table) == [endpoint["id"] for endpoint in catalog]
    for endpoint in catalog:
        title, document, inferred = table[endpoint["id"]]
        assert title == endpoint["title"]
        assert inferred == ("; ".join(endpoint["inferred"]) or "–"), endpoint["id"]
        address = re.match(r"\[page\]\((.*)\)", document)
        assert (address[1] if address else document.strip("–")) in endpoint["document"]


def swift_keys():
    """The keys that the program knows of endpoint files, by the mapping they stand in."""
    source = (ROOT / "Sources/PipelineFile/CatalogKeys.swift").read_text(encoding="utf-8")
    return {name: set(re.findall(r'"(\w+)"', body))
            for name, body in re.findall(r"static let (\w+) = \[(.*?)\]", source, re.S)}


def test_it_has_every_key_of_an_endpoint_file():
    known = swift_keys()
    page = section("Endpoint files")
    documented = rows(page)
    nested = {"request": known["request"], "response": known["response"]}
    expected = known["file"] | (known["entry"] - set(nested)) | known["rules"] | known["field"]
    expected |= known["paging"]
    for name, keys in nested.items():
        expected |= {f"{name}.{key}" for key in keys}
    assert set(documented) == expected
    for mapping, key in {
        "placed": "request.fixed", "credential": "request.credentials",
        "requestID": "request.request_id", "optional": "request.optional",
        "cursor": "cursor", "endMark": "end", "total": "response.total",
        "echo": "response.echoes", "login": "login", "condition": "success", "rule": "failures",
        "presence": "constants", "translation": "translation", "notes": "notes",
    }.items():
        text = " ".join(documented[key])
        assert known[mapping] <= set(re.findall(r"\w+", text)), (mapping, text)
    for mapping in ("auth", "window"):
        text = re.split(rf"\n`{mapping}`[^\n]*:\n", page)[1].split("\n\n`")[0]
        assert known[mapping] <= set(re.findall(r"\w+", text)), (mapping, text)
    made_first = re.search(r"\n`report`: (.*?)\n\n", page, re.S)[1]
    assert known["report"] <= set(re.findall(r"`(\w+)`", made_first))
    assert len(known) == 24, "a mapping of endpoint files that this test does not compare"


@pytest.mark.parametrize("name, keys", swift_keys().items())
def test_the_schema_has_every_key_of_an_endpoint_file(name, keys):
    node = ENDPOINT_SCHEMA["$defs"][name]
    assert set(node["properties"]) == keys
    assert node["additionalProperties"] is False
    assert all(value.get("description") for value in node["properties"].values())


def entry_files():
    """Every endpoint file that lies in the project."""
    found = [*ROOT.glob("Sources/PipelineFile/Endpoints/*.yaml"), *ROOT.glob("Tests/*/entries/*.yaml")]
    found += [path for path in ROOT.glob("samples/**/*.yaml")
              if re.search(r"^provider:", path.read_text(), re.M)]
    return sorted(found)


@pytest.mark.parametrize("path", entry_files(), ids=lambda path: path.name)
def test_every_endpoint_file_is_valid(path):
    """By the schema as editors apply it, and by `cdrx validate`."""
    check = jsonschema.Draft202012Validator(ENDPOINT_SCHEMA)
    error = jsonschema.exceptions.best_match(check.iter_errors(yaml.safe_load(path.read_text())))
    assert error is None, f"{error.json_path}: {error.message}"
    result = cdrx("validate", path)
    assert result.code == 0 and ": valid (" in result.out, result


def test_the_words_of_the_endpoint_schema_are_the_page_s():
    page = section("Endpoint files")
    for name, node in ENDPOINT_SCHEMA["$defs"].items():
        for key, value in node.get("properties", {}).items():
            parts = [value, *value.get("anyOf", []), *value.get("oneOf", [])]
            for word in [word for part in parts for word in part.get("enum", [])]:
                assert f"`{word}`" in page, (name, key, word)


def test_the_columns_of_the_endpoint_schema_are_those_of_the_design():
    ours = {"provider", "endpoint", "account", "extra"}
    assert set(ENDPOINT_SCHEMA["$defs"]["column"]["enum"]) == set(mapping.COLUMNS) - ours
