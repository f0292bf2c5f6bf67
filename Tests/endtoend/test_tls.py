"""TLS and proxies: whom cdrx trusts, what it says when it does not, and how it gets there."""
import collections
import http.server
import os
import select
import socket
import ssl
import subprocess
import threading

import pytest

from harness import CDRX, FIRST_DAY, USER_OUT_MISSED, Result, environment, stream
from provider import providing, user_page, user_records

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")

RECORDS = user_records(95, FIRST_DAY, step=60_000)


class Authority:
    """A certificate authority in a directory."""

    def __init__(self, path, name):
        self.path = path
        self.key, self.certificate = path / f"{name}.key", path / f"{name}.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                "-keyout", self.key, "-out", self.certificate)

    def context(self, name, hosts="DNS:localhost,IP:127.0.0.1", days=30):
        """What a server needs that shows a certificate of this authority."""
        key, request, certificate = (self.path / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extension = self.path / f"{name}.ext"
        extension.write_text(f"subjectAltName={hosts}")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=cdrx test", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", days, "-extfile", extension, "-out", certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "own-authority")


@pytest.fixture(scope="module")
def good(authority):
    return authority.context("good")


# So that it is cdrx that asks for TLS 1.2, and not the machine's configuration of OpenSSL.
PERMISSIVE = """
openssl_conf = start
[start]
ssl_conf = settings
[settings]
system_default = permissive
[permissive]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""


def old_version(context):
    # The security level of OpenSSL would refuse to serve it.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def answer(request):
    return user_page(request, RECORDS)


def pipeline(work, provider, **extract):
    work.pipeline([stream("calls", USER_OUT_MISSED, provider, "ann")], extract=extract)


def test_ca_file_of_the_pipeline(work, authority, good):
    work.write("own.pem", authority.certificate.read_text())
    with providing(answer, good) as provider:
        pipeline(work, provider, ca_file="own.pem")
        result = work.run(env={"SSL_CERT_FILE": "/nowhere.pem"})
    assert result.code == 0, result
    assert work.manifest(work.partitions()[0])["rows"] == 95


def test_ssl_cert_file_of_the_environment(work, authority, good):
    with providing(answer, good) as provider:
        pipeline(work, provider)
        result = work.run(env={"SSL_CERT_FILE": str(authority.certificate)})
    assert result.code == 0, result


def test_tls_sessions_are_shared_between_lanes(work, authority, good):
    with providing(answer, good) as provider:
        pipeline(work, provider, pages_in_flight=8)
        result = work.run(env={"SSL_CERT_FILE": str(authority.certificate)})
    assert result.code == 0, result
    # The first connection makes a session; the lanes that come later resume it.
    assert provider.connections > 1
    assert provider.resumed > 0


Refusal = collections.namedtuple("Refusal", "code says")
EXPIRED = Refusal("certificate_expired", "the certificate has expired or is not valid yet")
HOST = Refusal("certificate_host", "the certificate is for another host")
UNTRUSTED = Refusal("certificate_untrusted", "name the file of the right authority as `ca_file` or SSL_CERT_FILE")
FAILED = Refusal("tls_failed", "no TLS connection")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("what, refusal", [
    ("expired", EXPIRED), ("host", HOST), ("untrusted", UNTRUSTED), ("old", FAILED), ("plain", FAILED)])
def test_a_certificate_that_is_no_good_is_told_at_once(work, authority, tmp_path, what, refusal):
    contexts = {
        "expired": lambda: authority.context("expired", days=-1),
        "host": lambda: authority.context("host", hosts="DNS:other.test"),
        "untrusted": lambda: Authority(tmp_path, "strange-authority").context("stranger"),
        "old": lambda: old_version(authority.context("old")),
        "plain": lambda: None,
    }
    work.write("own.pem", authority.certificate.read_text())
    with providing(answer, contexts[what]()) as provider:
        provider.url = f"https://localhost:{provider.port}"
        pipeline(work, provider, ca_file="own.pem", attempts=6)
        result = work.run(
            "--format", "json", env={"OPENSSL_CONF": str(work.write("openssl.cnf", PERMISSIVE))})
    assert result.code == 1, result
    failure = result.lines()[0]["windows"][0]["failure"]
    assert failure["code"] == refusal.code
    assert failure["message"].startswith(f"localhost:{provider.port}: ")
    assert refusal.says in failure["message"]
    assert "nothing was sent" in failure["message"]
    # Not one more try, and no request.
    assert provider.connections == 1
    assert provider.requests == []


def test_without_ca_file_a_stranger_is_not_trusted(work, good):
    with providing(answer, good) as provider:
        pipeline(work, provider)
        result = work.run("--format", "json")
    assert result.lines()[0]["windows"][0]["failure"]["code"] == "certificate_untrusted"


def test_a_file_of_the_environment_that_cannot_be_read(work, good):
    with providing(answer, good) as provider:
        pipeline(work, provider)
        result = work.run("--format", "json", env={"SSL_CERT_FILE": "/nowhere.pem"})
    failure = result.lines()[0]["windows"][0]["failure"]
    assert failure["code"] == "certificate_file"
    assert "/nowhere.pem" in failure["message"]
    assert provider.requests == []


def run_with_other_authorities(work, *files):
    """Runs the pipeline where /etc/ssl holds these files (name, text) and nothing else."""
    directory = work.path / "ssl"
    directory.mkdir()
    for name, text in files:
        (directory / name).write_text(text)
    command = [CDRX, "run", "pipeline.yaml", "--format", "json"]
    completed = subprocess.run(
        ["unshare", "-m", "bash", "-c", 'mount --bind "$0" /etc/ssl && exec "$@"', directory, *command],
        cwd=work.path, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    completed.args = command
    return Result(completed)


@as_root
def test_a_machine_without_authorities_is_told_what_to_install(work, good):
    with providing(answer, good) as provider:
        pipeline(work, provider)
        result = run_with_other_authorities(work)
    assert result.code == 1, result
    failure = result.lines()[0]["windows"][0]["failure"]
    assert failure["code"] == "certificate_file"
    for part in ["/etc/ssl/certs/ca-certificates.crt", "package ca-certificates", "SSL_CERT_FILE"]:
        assert part in failure["message"]
    assert provider.requests == []


@as_root
def test_authorities_are_found_where_other_systems_keep_them(work, authority, good):
    with providing(answer, good) as provider:
        pipeline(work, provider)
        result = run_with_other_authorities(work, ("ca-bundle.pem", authority.certificate.read_text()))
    assert result.code == 0, result
    assert work.manifest(work.partitions()[0])["rows"] == 95


class Proxy:
    """Lets CONNECT through, or answers it with a status."""

    def __init__(self, status=200):
        self.asked = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_CONNECT(self):
                proxy.asked.append((self.path, self.headers.get("Proxy-Authorization")))
                self.send_response(status)
                self.end_headers()
                if status != 200:
                    self.close_connection = True
                    return
                host, port = self.path.rsplit(":", 1)
                with socket.create_connection((host, int(port))) as far:
                    ends = {self.connection: far, far: self.connection}
                    while True:
                        for end in select.select(list(ends), [], [])[0]:
                            data = end.recv(65_536)
                            if not data:
                                self.close_connection = True
                                return
                            ends[end].sendall(data)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()


def test_https_proxy(work, authority, good):
    with Proxy() as proxy, providing(answer, good) as provider:
        pipeline(work, provider)
        result = work.run("--log-format", "json", env={
            "SSL_CERT_FILE": str(authority.certificate), "HTTPS_PROXY": f"http://ann:hunter2@{proxy.address}"})
    assert result.code == 0, result
    assert {path for path, _ in proxy.asked} == {f"localhost:{provider.port}"}
    assert all(secret == "Basic YW5uOmh1bnRlcjI=" for _, secret in proxy.asked)
    assert "hunter2" not in result.out + result.err


def test_no_proxy(work, authority, good):
    with Proxy() as proxy, providing(answer, good) as provider:
        pipeline(work, provider)
        result = work.run(env={
            "SSL_CERT_FILE": str(authority.certificate), "HTTPS_PROXY": f"http://{proxy.address}",
            "NO_PROXY": "localhost,example.com"})
    assert result.code == 0, result
    assert proxy.asked == []


def test_a_proxy_that_refuses_is_named_as_such(work, authority, good):
    with Proxy(status=407) as proxy, providing(answer, good) as provider:
        pipeline(work, provider, attempts=2)
        result = work.run("--format", "json", env={
            "SSL_CERT_FILE": str(authority.certificate), "HTTPS_PROXY": f"http://ann:hunter2@{proxy.address}"})
    assert result.code == 69, result
    failure = result.lines()[0]["windows"][0]["failure"]
    assert failure["code"] == "proxy_refused"
    assert "the proxy answered CONNECT with HTTP status 407" in failure["message"]
    assert len(proxy.asked) == 2
    assert "hunter2" not in result.out + result.err


def test_a_proxy_that_is_gone_is_named(work, good):
    with Proxy() as proxy:
        address = proxy.address
    with providing(answer, good) as provider:
        pipeline(work, provider, attempts=1)
        result = work.run("--format", "json", env={"HTTPS_PROXY": f"http://ann:hunter2@{address}"})
    assert result.code == 69, result
    failure = result.lines()[0]["windows"][0]["failure"]
    assert failure["code"] == "connection_refused"
    assert address.rsplit(":", 1)[1] in failure["message"]
    assert "hunter2" not in result.out + result.err
