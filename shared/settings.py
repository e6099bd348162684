"""Settings of an installation, from `KINBRIDGE_*` environment variables, with defaults that work on one machine."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.crypto import KeyRing
from shared.errors import MisconfiguredError

SERVICES = ("intake", "notify", "reporting")
FEED_PORTS = {"intake": 8091, "notify": 8092, "reporting": 8093}
WEB_PORTS = {"intake": 8081, "notify": 8082, "reporting": 8083}


class Settings(BaseSettings):
    """One set of names for both ways to run (docs/operations.md lists them)."""

    model_config = SettingsConfigDict(
        env_prefix="KINBRIDGE_",
        env_ignore_empty=True,  # docker-compose.yml passes an empty one for each that .env leaves out
        extra="ignore",
        hide_input_in_errors=True,
    )

    environment: Literal["development", "production"] = "development"
    data_dir: Path = Path("data")
    broker_url: str | None = None
    public_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    log_level: str = "INFO"

    master_key: SecretStr | None = None
    """One or more 32-byte keys in base64, separated by commas: the first encrypts, all decrypt."""

    event_keys: SecretStr | None = None
    """What is left of master keys that were dropped, as `keys retire` prints it: they open old events alone."""

    erasure_journal: Path | None = None
    """Whom a restored backup must erase again: never restored itself. Default: `erasures.jsonl` in the data folder."""

    intake_database_url: str | None = None
    notify_database_url: str | None = None
    reporting_database_url: str | None = None
    intake_feed_url: str | None = None
    notify_feed_url: str | None = None
    reporting_feed_url: str | None = None
    feed_host: str = "127.0.0.1"
    intake_feed_port: int = FEED_PORTS["intake"]
    notify_feed_port: int = FEED_PORTS["notify"]
    reporting_feed_port: int = FEED_PORTS["reporting"]
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None
    """Where this process tells a monitor its figures; without a port, nowhere."""

    depot_bucket: str | None = None
    """The bucket of an S3-compatible store that keeps photos and documents; without one, a folder keeps them."""
    depot_endpoint: str | None = None
    depot_region: str | None = None
    depot_key: str | None = None
    depot_secret: SecretStr | None = None
    depot_most_bytes: int = 10 * 1024 * 1024
    """Of one photo or document."""

    notify_address: str = ""
    """Where people reach notify's pages, with its scheme and host: what stands in messages, and where intake's pages
    lead to. Empty: the public address; with neither, this machine."""
    reporting_address: str = ""
    """Where people reach reporting's pages, where those are not at intake's address: intake's pages lead there."""
    intake_address: str = ""
    """Likewise intake's pages, where they are not at notify's or reporting's address: there people sign in."""
    sms_provider: Literal["file", "twilio", "vonage", "africastalking"] = "file"
    """Who carries text messages; "file": a local mailbox, for trying things out."""
    sms_url: str | None = None
    sms_account: str | None = None
    sms_secret: SecretStr | None = None
    sms_from: str | None = None
    """The sender's number or name. It names no agency: others may read along."""
    sms_per_second: float = 50
    smtp_host: str | None = None
    """Who carries mail; without one, the local mailbox, and a folder for reports."""
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    mail_from: str | None = None
    """Likewise an address that names no agency."""
    mail_inbox: Path | None = None
    """The Maildir into which mail to that address is delivered; without one, bounces and answers are not read."""
    dkim_domain: str | None = None
    dkim_selector: str | None = None
    dkim_key: Path | None = None
    """A private key in PEM."""
    receiver_secret: SecretStr | None = None
    """Part of the addresses at which providers tell of receipts and replies. Default: derived from the master key."""

    @property
    def notify_base(self) -> str:
        """The address under which notify's pages are reached, without a slash at its end."""
        return (self.notify_address or self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def depot_folder(self, service: str) -> Path:
        """Where a service keeps its photos and documents unless a bucket does: in the data folder."""
        return self.data_dir / "depot" / service

    def database_url(self, service: str) -> str:
        """The service's own database: as set, else its own SQLite file in the data folder."""
        url: str | None = getattr(self, f"{service}_database_url")
        return url or f"sqlite:///{(self.data_dir / f'{service}.sqlite').absolute()}"

    @property
    def https(self) -> bool:
        """True where people reach the pages by https, whatever a proxy says of one request."""
        return (self.public_url or "").strip().lower().startswith("https:")

    @property
    def journal_file(self) -> Path:
        """The erasure journal, see `shared.erasures`."""
        return self.erasure_journal or self.data_dir / "erasures.jsonl"

    def feed_url(self, service: str) -> str:
        """Where the other services read this service's log."""
        url: str | None = getattr(self, f"{service}_feed_url")
        return url or f"http://127.0.0.1:{self.feed_port(service)}"

    def feed_port(self, service: str) -> int:
        """Where this service's worker serves its log."""
        port: int = getattr(self, f"{service}_feed_port")
        return port

    def key_ring(self) -> KeyRing:
        """The installation's keys. Without `KINBRIDGE_MASTER_KEY` one is generated into the data folder (0600)."""
        old = _decode_event_keys(self.event_keys.get_secret_value()) if self.event_keys is not None else {}
        if self.master_key is not None:
            return KeyRing(_decode_keys(self.master_key.get_secret_value()), old)
        if self.environment == "production":
            raise MisconfiguredError(
                "KINBRIDGE_MASTER_KEY is not set. In production the key must come from outside the data folder: "
                "set it to 32 random bytes in base64 (for example from `openssl rand -base64 32`)."
            )
        return KeyRing(_decode_keys(_generated_key(self.data_dir / "keys.json")), old)


def _decode_keys(text: str) -> tuple[bytes, ...]:
    try:
        keys = tuple(base64.b64decode(part.strip(), validate=True) for part in text.split(","))
    except ValueError:
        keys = ()
    if not keys or any(len(key) != 32 for key in keys):
        raise MisconfiguredError(
            "KINBRIDGE_MASTER_KEY must be one or more 32-byte keys in base64, separated by commas "
            "(make one with `openssl rand -base64 32`)."
        )
    return keys


def _decode_event_keys(text: str) -> dict[str, bytes]:
    """`id:key` of each, separated by commas; an empty text has none."""
    found = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _, encoded = part.partition(":")
        try:
            found[name] = base64.b64decode(encoded, validate=True)
        except ValueError:
            found[name] = b""
    if any(len(key) != 32 for key in found.values()):
        raise MisconfiguredError("KINBRIDGE_EVENT_KEYS must be what `keys retire` prints: id:key, separated by commas.")
    return found


def _generated_key(file: Path) -> str:
    """Read the generated key, or make it: written whole or not at all, readable by the owner alone."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump({"master_key": base64.b64encode(secrets.token_bytes(32)).decode()}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass  # another process was first: its key counts
        finally:
            draft.unlink()
    try:
        key = str(json.loads(file.read_text())["master_key"])
        _decode_keys(key)
    except (ValueError, KeyError, TypeError, MisconfiguredError) as error:
        raise MisconfiguredError(
            f"{file} is damaged. It holds the key of everything in that folder: restore it from a backup."
        ) from error
    return key
