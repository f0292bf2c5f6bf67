"""S3-compatible stores for the tests: moto (always) and radosgw (where it is installed), one server each for all."""
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

import pytest

SERVERS = ["moto", "radosgw"]
REGION = "us-east-1"


class Store:
    """A store that checks signatures, and the keys of a user who may do everything in it."""

    def __init__(self, name, endpoint, access_key, secret_key):
        self.name = name
        self.endpoint = endpoint
        self.access_key = access_key
        self.secret_key = secret_key

    @property
    def env(self):
        """What cdrx needs in its environment: keys, region and endpoint; no file of the developer's."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": REGION, "AWS_ENDPOINT_URL_S3": self.endpoint, **NO_FILES,
        }

    def client(self, service="s3"):
        """A client of another maker, to prepare and to judge with."""
        # Loaded only by those who need it: it takes a third of a second.
        import boto3
        import botocore.config
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}))

    def bucket(self):
        """A new bucket, empty."""
        name = f"cdrx-{uuid.uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)
        return Bucket(self, name)


# Neither the developer's own profile nor the machine that the tests run on has a say.
NO_FILES = {
    "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Bucket:
    """A bucket of a store."""

    def __init__(self, store, name):
        self.store = store
        self.name = name
        self.uri = f"s3://{name}"
        self.s3 = store.client()

    @property
    def env(self):
        return self.store.env

    def listing(self, prefix=""):
        """What LIST says of each key, in the order of the store."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return {item["Key"]: item for page in pages for item in page.get("Contents", [])}

    def objects(self, prefix=""):
        """Bytes by key."""
        return {key: self.get(key) for key in self.listing(prefix)}

    def get(self, key):
        return self.s3.get_object(Bucket=self.name, Key=key)["Body"].read()

    def put(self, key, data, **more):
        return self.s3.put_object(Bucket=self.name, Key=key, Body=data, **more)

    def delete(self, key):
        self.s3.delete_object(Bucket=self.name, Key=key)


# MARK: Servers

def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(url, seconds=60):
    """Waits until something speaks HTTP there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            assert time.monotonic() < deadline, f"nothing answers at {url}"
            time.sleep(0.05)


def begin(command, log, **more):
    """A server that outlives the test process that happened to start it."""
    return subprocess.Popen(
        list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        **more).pid


def start_moto(home, pids):
    endpoint = f"http://127.0.0.1:{free_port()}"
    port = endpoint.rsplit(":", 1)[1]
    with open(home / "moto.log", "wb") as log:
        pids.append(begin([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port], log))
    answers(endpoint)
    # Until checks are on anybody may do this.
    iam = Store("moto", endpoint, "any", "any").client("iam")
    iam.create_user(UserName="cdrx")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="cdrx", PolicyName="all", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="cdrx")["AccessKey"]
    request = urllib.request.Request(
        f"{endpoint}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
    with urllib.request.urlopen(request, timeout=30):
        pass
    return {"endpoint": endpoint, "access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}


CEPH = """[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon}
auth cluster required = none
auth service required = none
auth client required = none
auth allow insecure global id reclaim = true
run dir = {home}
pid file = {home}/$name.pid
admin socket = {home}/$name.asok
log file = {home}/$name.log
mon data = {home}/mon
osd data = {home}/osd
keyring = {home}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 500
ms bind ipv6 = false
public network = 127.0.0.0/8
[osd.0]
osd objectstore = memstore
memstore device bytes = 1073741824
osd class load list = *
[client.rgw]
ms mon client mode = crc
auth client required = none
rgw frontends = beast endpoint=127.0.0.1:{gateway}
rgw dns name = localhost
"""


def start_radosgw(home, pids):
    mon, gateway = free_port(), free_port()
    fsid = str(uuid.uuid4())
    configuration = home / "ceph.conf"
    configuration.write_text(CEPH.format(fsid=fsid, home=home, mon=mon, gateway=gateway))
    (home / "osd").mkdir()

    def ceph(*command):
        completed = subprocess.run(
            [str(command[0]), "-c", str(configuration), *map(str, command[1:])], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120)
        assert completed.returncode == 0, completed
        return completed.stdout

    tool = ["ceph-authtool", "--create-keyring", home / "keyring", "--gen-key", "-n", "client.rgw"]
    subprocess.run(list(map(str, tool)), check=True, stdout=subprocess.DEVNULL)
    tool = ["monmaptool", "--create", "--addv", "a", f"v2:127.0.0.1:{mon}", "--fsid", fsid, home / "monmap"]
    subprocess.run(list(map(str, tool)), check=True, stdout=subprocess.DEVNULL)
    ceph("ceph-mon", "-i", "a", "--mkfs", "--monmap", home / "monmap")
    with open(home / "servers.log", "wb") as log:
        pids.append(begin(["ceph-mon", "-c", configuration, "-i", "a", "-f"], log))
        osd = str(uuid.uuid4())
        ceph("ceph", "osd", "new", osd)
        ceph("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        pids.append(begin(["ceph-osd", "-c", configuration, "-i", "0", "-f"], log))
        pids.append(begin(["radosgw", "-c", configuration, "-n", "client.rgw", "-f"], log))
    endpoint = f"http://127.0.0.1:{gateway}"
    answers(endpoint, seconds=120)
    keys = {"access_key": "CDRXTESTS", "secret_key": uuid.uuid4().hex}
    ceph(
        "radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=cdrx", "--display-name=cdrx",
        f"--access-key={keys['access_key']}", f"--secret={keys['secret_key']}")
    return {"endpoint": endpoint, **keys}


START = {"moto": start_moto, "radosgw": start_radosgw}


def is_installed(name):
    return name != "radosgw" or all(map(shutil.which, ["radosgw", "ceph-osd", "ceph-mon", "ceph"]))


def end(home, pids):
    for pid in reversed(pids):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)
    shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def shared(directory, name):
    """The server that all processes of a test session use: the first one starts it, the last one ends it."""
    record, lock = directory / f"{name}.json", directory / f"{name}.lock"

    @contextlib.contextmanager
    def locked():
        with open(lock, "w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            state = json.loads(record.read_text()) if record.exists() else None
            yield state

    with locked() as state:
        if state is None:
            # Sockets have short paths.
            home, pids = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-")), []
            try:
                facts = START[name](home, pids)
            except BaseException:
                end(home, pids)
                raise
            state = {"users": 0, "home": str(home), "pids": pids, "facts": facts}
        state["users"] += 1
        record.write_text(json.dumps(state))
    try:
        yield Store(name, **state["facts"])
    finally:
        with locked() as state:
            state["users"] -= 1
            if state["users"] > 0:
                record.write_text(json.dumps(state))
            else:
                record.unlink()
                end(pathlib.Path(state["home"]), state["pids"])


# MARK: Fixtures; conftest.py imports them.

@pytest.fixture(scope="session")
def _servers(tmp_path_factory, request):
    """Gives a server by its name, started when it is first asked for."""
    directory = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        directory = directory.parent
    with contextlib.ExitStack() as stack:
        known = {}

        def server(name):
            if not is_installed(name):
                pytest.skip(f"{name} is not installed")
            if name not in known:
                known[name] = stack.enter_context(shared(directory, name))
            return known[name]

        yield server


@pytest.fixture(scope="session")
def moto(_servers):
    """Checks signatures, but neither the body's hash nor the time."""
    return _servers("moto")


@pytest.fixture(scope="session")
def radosgw(_servers):
    """Checks the body's hash and the time as well, and wants ETags in If-Match without quotes."""
    return _servers("radosgw")


@pytest.fixture(scope="session", params=SERVERS)
def store(request, _servers):
    """Each of the stores."""
    return _servers(request.param)


@pytest.fixture
def bucket(store):
    """A new bucket in each of the stores."""
    return store.bucket()
