"""The Job's command line for each index, by a stand-in for a cluster; the objects by Kubernetes' own schemas."""
import copy
import hashlib
import json
import pathlib
import sys

import kubernetes_validate
import pytest
import yaml

import cluster
from conftest import EXPORT, NOW, ROOT, SHARDS, Reaper, ending, shown

SAMPLE = ROOT / "samples" / "kubernetes" / "cdrx.yaml"


@pytest.fixture
def namespace(night):
    """The recipe's commands have a kubectl here."""
    kubectl = night.programs / "kubectl"
    kubectl.write_text(
        f'#!/bin/sh\nexec {sys.executable} {pathlib.Path(cluster.__file__)} "{night.path}/cluster" "$@"\n')
    kubectl.chmod(0o755)
    night.environment["CDRX_OUTPUT"] = str(night.exports)
    return night


def codes(night):
    return json.loads((night.path / "cluster" / "tonight.json").read_text())


def test_the_recipe_exports_what_a_single_run_does(namespace, single, simulator):
    [script] = shown("Kubernetes", "sh")
    namespace.states = lambda: namespace.path / "cluster" / "volumes" / "cdrx-state"
    # Pods run at the night's time, not at ours.
    with Reaper(namespace, 2, now=f"--now {NOW}") as reaper:
        namespace.call(script)
    assert reaper.killed
    assert codes(namespace) == [[0], [-9, 0], [0], [0]]
    assert namespace.published() == single.published()
    simulator.forget()
    namespace.call(script)
    assert codes(namespace) == [[0]] * SHARDS
    assert simulator.requests() == 0
    assert namespace.published() == single.published()


def test_pods_share_an_object_store(namespace, single, simulator, moto):
    """As the sample says it: output in a bucket, leases there, state on a volume."""
    bucket = moto.bucket()
    namespace.environment |= bucket.env | {"CDRX_OUTPUT": f"{bucket.uri}/exports"}
    namespace.program(f"{EXPORT} --now {NOW}")
    [script] = shown("Kubernetes", "sh")
    namespace.call(script)
    assert codes(namespace) == [[0]] * SHARDS
    parts = {key.removeprefix("exports/"): hashlib.sha256(data).hexdigest()
             for key, data in bucket.objects("exports/").items() if "/part-" in key}
    assert parts == single.part_bytes()
    simulator.forget()
    namespace.call(script)
    assert codes(namespace) == [[0]] * SHARDS
    assert simulator.requests() == 0


def test_exit_codes_decide_about_another_attempt(namespace):
    """Four of the codes in each of two Jobs; what is tried again goes well the second time."""
    for given in ([1, 64, 75, 78], [69, 77, 130, 143]):
        ends = {f"run {index + 1}": [code] for index, code in enumerate(given)}
        namespace.program(ending(namespace, ends) + "exit 0")
        [script] = shown("Kubernetes", "sh")
        namespace.call(script)
        assert codes(namespace) == [[code] if code in (64, 77, 78) else [code, 0] for code in given]


def test_attempts_of_an_index_end(namespace):
    namespace.program("exit 69")
    [script] = shown("Kubernetes", "sh")
    namespace.call(script)
    assert codes(namespace) == [[69] * 6] * SHARDS


def test_a_misspelt_or_misplaced_key_is_refused():
    """The check can fail."""
    [cron] = [value for value in yaml.safe_load_all(SAMPLE.read_text()) if value["kind"] == "CronJob"]
    for change in (
        lambda spec: spec.update(backoffLimitPerIndexes=spec.pop("backoffLimitPerIndex")),
        lambda spec: spec["podFailurePolicy"]["rules"][0]["onExitCodes"].update(values="64"),
        lambda spec: spec["podFailurePolicy"]["rules"][0].pop("action"),
    ):
        changed = copy.deepcopy(cron)
        change(changed["spec"]["jobTemplate"]["spec"])
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(changed, cluster.VERSION, strict=True)
