"""A stand-in for `kubectl` and a cluster: keeps objects, checks them by Kubernetes' schemas, and runs Jobs here.

    cluster.py DIRECTORY create|apply …

Only what samples/README.md shows is understood. An Indexed Job's pods run as processes, side by side; a pod's mounts are
directories, whose places replace the mount paths in its command line.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import kubernetes_validate
import yaml

VERSION = "1.37.0"


class Cluster:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)

    def create(self, kind, *words):
        if kind == "job":
            name, option = words
            source, _, cron = option.removeprefix("--from=").partition("/")
            assert source == "cronjob", option
            return Job(self, name, self.object("CronJob", cron)["spec"]["jobTemplate"]["spec"]).run()
        if kind == "secret":
            assert words[0] == "generic", words
            words = words[1:]
        name, *files = words
        kind = {"configmap": "ConfigMap", "secret": "Secret"}[kind]
        data = {}
        for option in files:
            path = pathlib.Path(option.removeprefix("--from-file="))
            data[path.name] = path.read_text()
        self.keep({"apiVersion": "v1", "kind": kind, "metadata": {"name": name},
                   "data" if kind == "ConfigMap" else "stringData": data})

    def apply(self, option, path):
        assert option == "-f", option
        for value in yaml.safe_load_all(pathlib.Path(path).read_text()):
            self.keep(value)

    def keep(self, value):
        kubernetes_validate.validate(value, VERSION, strict=True)
        path = self.path(value["kind"], value["metadata"]["name"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))

    def path(self, kind, name):
        return self.directory / "objects" / f"{kind}-{name}.json"

    def object(self, kind, name):
        return json.loads(self.path(kind, name).read_text())

    def volume(self, volume):
        """A directory with what the volume's sources hold."""
        if claim := volume.get("persistentVolumeClaim"):
            self.object("PersistentVolumeClaim", claim["claimName"])
            place = self.directory / "volumes" / claim["claimName"]
            place.mkdir(parents=True, exist_ok=True)
            return place
        place = self.directory / "projected" / volume["name"]
        place.mkdir(parents=True, exist_ok=True)
        for source in volume["projected"]["sources"]:
            [(kind, reference)] = source.items()
            value = self.object({"configMap": "ConfigMap", "secret": "Secret"}[kind], reference["name"])
            for name, text in {**value.get("data", {}), **value.get("stringData", {})}.items():
                (place / name).write_text(text)
        return place


class Job:
    """Runs the pods of an Indexed Job by its own rules, and keeps the exit codes of each index."""

    def __init__(self, cluster, name, spec):
        self.cluster, self.name, self.spec = cluster, name, spec
        assert spec["completionMode"] == "Indexed"
        # What the API server refuses beyond the schema.
        pod = spec["template"]["spec"]
        assert pod["restartPolicy"] == "Never"
        [self.container] = pod["containers"]
        self.volumes = {volume["name"]: volume for volume in pod["volumes"]}
        self.ends = [rule["onExitCodes"] for rule in spec["podFailurePolicy"]["rules"]
                     if rule["action"] == "FailIndex"]
        for rule in self.ends:
            assert rule["operator"] == "In" and rule["containerName"] == self.container["name"]
            assert rule["values"] == sorted(set(rule["values"])) and 0 not in rule["values"]

    def run(self):
        with concurrent.futures.ThreadPoolExecutor(self.spec["parallelism"]) as pods:
            codes = list(pods.map(self.index, range(self.spec["completions"])))
        (self.cluster.directory / f"{self.name}.json").write_text(json.dumps(codes))

    def index(self, index):
        """Exit codes of an index's pods, the last one last."""
        codes = []
        while len(codes) <= self.spec["backoffLimitPerIndex"]:
            codes.append(self.pod(index))
            if codes[-1] == 0 or any(codes[-1] in rule["values"] for rule in self.ends):
                break
        return codes

    def pod(self, index):
        variables = {item["name"]: item["value"] for item in self.container["env"]}
        # The Job controller's own.
        variables["JOB_COMPLETION_INDEX"] = str(index)
        mounts = {mount["mountPath"]: str(self.cluster.volume(self.volumes[mount["name"]]))
                  for mount in self.container["volumeMounts"]}
        words = [place(expand(word, variables), mounts)
                 for word in [*self.container["command"], *self.container["args"]]]
        # The store of the sample is not there: the test says where the output is.
        environment = {**os.environ, **variables, "CDRX_OUTPUT": os.environ["CDRX_OUTPUT"]}
        return subprocess.run(words, env=environment, stdin=subprocess.DEVNULL).returncode


def expand(word, variables):
    """Kubernetes replaces `$(NAME)` where the container has such a variable, and leaves the rest to the shell."""
    return re.sub(r"\$\(([^)]*)\)", lambda match: variables.get(match[1], match[0]), word)


def place(word, mounts):
    for path, directory in mounts.items():
        word = re.sub(rf"(?<=\s){re.escape(path)}(?=[/\s])", directory, word)
    return word


if __name__ == "__main__":
    directory, command, *words = sys.argv[1:]
    getattr(Cluster(directory), command)(*words)
