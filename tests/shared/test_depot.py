"""The depot keeps bytes whole or not at all: in a folder, and in a bucket of an S3-compatible store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from shared.depot import Depot, DepotFailed, OpenDepot, fresh_depot_name
from shared.depot.folder import FolderDepot
from shared.depot.s3 import S3Depot
from shared.settings import Settings

BUCKET = "photos"


@pytest.fixture(scope="module")
def store() -> Iterator[Settings]:
    """A store that speaks S3, on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = Settings(
        depot_bucket=BUCKET,
        depot_endpoint=f"http://{host}:{port}",
        depot_region="eu-central-1",
        depot_key="key",
        depot_secret="secret",  # type: ignore[arg-type] # Pydantic makes a secret of it
    )
    boto3.client(
        "s3",
        endpoint_url=settings.depot_endpoint,
        region_name="eu-central-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    ).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    yield settings
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def depot(request: pytest.FixtureRequest, tmp_path: Path) -> Depot:
    if request.param == "folder":
        return FolderDepot(tmp_path / "data" / "depot")
    return S3Depot.open(request.getfixturevalue("store"), "intake")


def test_what_was_put_is_got_and_what_was_removed_is_not(depot: Depot) -> None:
    name, other = fresh_depot_name(), fresh_depot_name()
    assert depot.get(name) is None
    depot.put(name, b"cipher text")
    depot.put(other, b"")
    assert (depot.get(name), depot.get(other)) == (b"cipher text", b"")
    depot.remove(name)
    depot.remove(name)
    assert (depot.get(name), depot.get(other)) == (None, b"")


def test_a_bucket_holds_services_apart(store: Settings) -> None:
    name = fresh_depot_name()
    S3Depot.open(store, "intake").put(name, b"x")
    assert S3Depot.open(store, "notify").get(name) is None


def test_a_file_that_was_not_written_to_its_end_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    depot, name = FolderDepot(tmp_path), fresh_depot_name()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("shared.files.os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            depot.put(name, b"x")
    assert depot.get(name) is None
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


def test_a_draft_that_a_crash_left_goes_with_its_name(tmp_path: Path) -> None:
    depot, name = FolderDepot(tmp_path), fresh_depot_name()
    depot.put(name, b"x")
    draft = tmp_path / name[:2] / f".{name}.00ff00ff"
    draft.write_bytes(b"half")
    depot.remove(name)
    assert not draft.exists()


def test_a_store_that_is_away_or_refuses_is_one_error_that_tells_no_address(
    store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    away = store.model_copy(update={"depot_endpoint": "http://127.0.0.1:9"})
    lost = store.model_copy(update={"depot_bucket": "no-such-bucket"})
    for settings in (away, lost):
        depot = OpenDepot(lambda settings=settings: S3Depot.open(settings, "intake"), 1)
        with pytest.raises(DepotFailed) as failed:
            depot.put(fresh_depot_name(), b"x")
        assert "9" not in str(failed.value)
        assert "bucket" not in str(failed.value)


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    depot = OpenDepot(lambda: FolderDepot(tmp_path), 1)
    for name in ("../../etc/passwd", "", "A" * 32, "a" * 31):
        with pytest.raises(ValueError, match="name"):
            depot.get(name)
