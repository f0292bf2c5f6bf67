"""The client of stores against real ones, with and without faults in between: the Swift tests of ObjectStoreConformanceTests."""
import json
import re
import subprocess

import faulty
import harness
import pytest
import stores
from test_store_publication import contents, local_bytes, write
from test_tls import Authority

PROGRAM = harness.ROOT / ".build/debug/cdrxPackageTests.xctest"


def conform(bucket, endpoint=None, **more):
    """Runs the tests with a store, in a process that knows nothing else."""
    completed = subprocess.run(
        [PROGRAM, "--testing-library", "swift-testing", "--filter", "ObjectStoreConformanceTests"],
        env=harness.environment({
            **bucket.env, "CDRX_TEST_STORE": endpoint or bucket.store.endpoint, "CDRX_TEST_STORE_BUCKET": bucket.name,
            "CDRX_TEST_STORE_ETAGS": "unquoted" if bucket.store.name == "radosgw" else "quoted", **more}),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    text = completed.stdout + completed.stderr
    ran = re.search(r"Test run with (\d+) tests? .* passed", text)
    assert completed.returncode == 0 and ran and int(ran[1]) >= 10, text


def test_the_client_and_the_store_agree(bucket):
    strict = {"CDRX_TEST_STORE_STRICT": "1"} if bucket.store.name == "radosgw" else {}
    conform(bucket, **strict)


@pytest.mark.parametrize("seed", [1, 2])
def test_faults_between_client_and_store_change_nothing(bucket, seed):
    with faulty.faulty(bucket.store, faulty.sometimes(faulty.FAULTS, seed)) as proxy:
        conform(bucket, proxy.endpoint, CDRX_TEST_STORE_FAULTS="1")
    assert set(proxy.faults) == {faulty.WHOLE, *faulty.FAULTS}


def test_a_run_through_faults_publishes_what_a_directory_would(work, calm, bucket, tmp_path):
    local = harness.Workplace(tmp_path / "local")
    write(local, calm, "exports")
    assert local.run().code == 0
    write(work, calm, f"{bucket.uri}/exports")
    with faulty.faulty(bucket.store, faulty.sometimes(faulty.FAULTS, seed=3)) as proxy:
        env = {**bucket.env, "AWS_ENDPOINT_URL_S3": proxy.endpoint}
        result = work.run("--format", "json", env=env)
    assert result.code == 0, result
    assert set(proxy.faults) == {faulty.WHOLE, *faulty.FAULTS}
    assert contents(bucket, "exports/")[0] == local_bytes(local)


def test_the_bucket_may_stand_before_the_host(bucket):
    with faulty.faulty(bucket.store, faulty.never) as proxy:
        port = proxy.endpoint.rsplit(":", 1)[1]
        conform(bucket, f"http://localhost:{port}", CDRX_TEST_STORE_STYLE="virtual")
    assert proxy.requests
    assert [path for _, path in proxy.requests if path.startswith(f"/{bucket.name}")] == []


def test_a_store_with_tls(moto, tmp_path):
    authority = Authority(tmp_path, "own-authority")
    bucket = moto.bucket()
    with faulty.faulty(moto, faulty.never, authority.context("good")) as proxy:
        with pytest.raises(AssertionError, match="AWS_CA_BUNDLE or SSL_CERT_FILE; nothing was sent"):
            conform(bucket, proxy.endpoint)
        assert proxy.requests == []
        conform(bucket, proxy.endpoint, AWS_CA_BUNDLE=str(authority.certificate))
        assert proxy.requests


def test_credentials_that_a_command_prints(work, calm, moto):
    bucket = moto.bucket()
    write(work, calm, f"{bucket.uri}/exports")
    keys = {"Version": 1, "AccessKeyId": moto.access_key, "SecretAccessKey": moto.secret_key}
    (work.path / "keys.json").write_text(json.dumps(keys))
    config = work.path / "config"
    config.write_text(f"[profile nightly]\nregion = us-east-1\nendpoint_url = {moto.endpoint}\n"
                      f"credential_process = cat '{work.path}/keys.json'\n")
    env = {**stores.NO_FILES, "AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "nightly"}
    result = work.run(env=env)
    assert result.code == 0, result
    assert bucket.listing("exports/")
    keys["SecretAccessKey"] = "another-secret"
    (work.path / "keys.json").write_text(json.dumps(keys))
    refused = harness.cdrx("verify", f"{bucket.uri}/exports", env=env)
    assert refused.code != 0 and "the secret key is wrong" in refused.err, refused
    assert "credential_process of the profile nightly" in refused.err
    for secret in (moto.secret_key, "another-secret"):
        assert secret not in result.out + result.err + refused.out + refused.err


def test_session_tokens_are_taken(moto):
    iam = moto.client("iam")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    role = iam.create_role(RoleName="nightly", AssumeRolePolicyDocument=json.dumps(policy))["Role"]
    iam.put_role_policy(RoleName="nightly", PolicyName="all", PolicyDocument=json.dumps(policy))
    keys = moto.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    session = {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}
    bucket = moto.bucket()
    conform(bucket, **session, AWS_SESSION_TOKEN=keys["SessionToken"])
    with pytest.raises(AssertionError, match="store_access_denied"):
        conform(bucket, **session, AWS_SESSION_TOKEN="another")
