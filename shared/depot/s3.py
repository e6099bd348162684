"""A depot in a bucket of an S3-compatible store. No object is ever public, and nobody is given an address of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.settings import Settings

Answer = TypeVar("Answer")
GONE = frozenset({"NoSuchKey", "404"})


class S3Depot:
    """Objects in a bucket, below the service's name."""

    def __init__(self, client: Any, bucket: str, service: str) -> None:
        self._client = client
        self._bucket = bucket
        self._service = service

    @classmethod
    def open(cls, settings: Settings, service: str) -> S3Depot:
        """The bucket that the settings name. Without a key of our own, boto3 finds what the machine was given."""
        secret = settings.depot_secret
        client = boto3.client(
            "s3",
            endpoint_url=settings.depot_endpoint,
            region_name=settings.depot_region,
            aws_access_key_id=settings.depot_key,
            aws_secret_access_key=None if secret is None else secret.get_secret_value(),
            config=Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 3, "mode": "standard"},
                s3={"addressing_style": "path"} if settings.depot_endpoint else {},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        assert settings.depot_bucket is not None
        return cls(client, settings.depot_bucket, service)

    def put(self, name: str, content: bytes) -> None:
        """An object is there whole once the store has answered."""
        _asked(
            lambda: self._client.put_object(
                Bucket=self._bucket, Key=self._key(name), Body=content, ContentType="application/octet-stream"
            )
        )

    def get(self, name: str) -> bytes | None:
        """What was kept under that name."""

        def read() -> bytes:
            found: bytes = self._client.get_object(Bucket=self._bucket, Key=self._key(name))["Body"].read()
            return found

        try:
            return _asked(read)
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """In a bucket that keeps versions, all of them: see docs/operations.md."""
        _asked(lambda: self._client.delete_object(Bucket=self._bucket, Key=self._key(name)))

    def _key(self, name: str) -> str:
        return f"{self._service}/{name}"


def _asked(ask: Callable[[], Answer]) -> Answer:
    """The store's answer. Its errors become `OSError`, without what they say: that holds names and addresses."""
    try:
        return ask()
    except ClientError as error:
        if str(error.response.get("Error", {}).get("Code")) in GONE:
            raise FileNotFoundError from None
        raise OSError("the store refused") from None
    except BotoCoreError:
        raise OSError("the store does not answer") from None
