"""The stores of the tests are as strict as they must be."""
import botocore.exceptions
import pytest
import stores


def test_a_wrong_secret_is_refused(store):
    stranger = stores.Store(store.name, store.endpoint, store.access_key, "wrong")
    with pytest.raises(botocore.exceptions.ClientError, match="SignatureDoesNotMatch"):
        stranger.client().list_buckets()


def test_a_bucket_keeps_odd_keys(bucket):
    bucket.put("dt=2026-01-01/a b+c%é&'.csv", b"1")
    assert bucket.objects() == {"dt=2026-01-01/a b+c%é&'.csv": b"1"}
