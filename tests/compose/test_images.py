"""What is in an image and around it: one service and nothing else, no secret, no way to write, no open door."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.notify.wording.languages import LANGUAGES as MESSAGES
from shared.pages.languages import LANGUAGES
from shared.settings import SERVICES
from tests.compose.stack import ROOT, TAG, Stack, compose_command, run

pytestmark = [pytest.mark.compose, pytest.mark.timeout(1800)]
BEYOND_BASE = 300
"""Megabytes that an image may have beyond `python:3.13-slim`."""
OWN = [f"{service}-{process}" for service in SERVICES for process in ("web", "worker")] + ["notify-jobs"]


def image(service: str) -> str:
    return f"kinbridge-{service}:{TAG}"


IMPORTS_ALL = """
import importlib, pkgutil, services, shared
for root in (services, shared):
    for module in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
        if ".migrations." not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
print("all")
"""
"""But migrations, which only Alembic loads."""


def in_image(service: str, script: str) -> str:
    """What a script prints that runs in a service's image, with no network."""
    return run("docker", "run", "--rm", "--network", "none", image(service), "python", "-c", script)


def files_of(service: str) -> list[str]:
    """Every file of /app in a service's image, from there."""
    listed = run("docker", "run", "--rm", "--network", "none", image(service), "find", "/app", "-type", "f")
    return sorted(line.removeprefix("/app/") for line in listed.split())


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_one_service_and_what_is_shared(service: str, project: Stack) -> None:
    files = files_of(service)
    code = {file for file in files if "__pycache__" not in file}
    committed = set(run("git", "ls-files", f"services/{service}", "shared", "services/__init__.py").split())
    style_sheets = {file for file in code if file.startswith("shared/pages/assets/")}
    fonts = {file for file in code if file.startswith("services/reporting/rendering/fonts/")}
    assert code - style_sheets - fonts == committed
    assert len(style_sheets) == 3
    assert len(fonts) == (7 if service == "reporting" else 0)
    for other in set(SERVICES) - {service}:
        assert not [file for file in files if file.startswith(f"services/{other}")]


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_is_in_an_image(service: str, project: Stack) -> None:
    told = run("docker", "inspect", image(service)) + run("docker", "history", "--no-trunc", image(service))
    for name, secret in project.secrets.items():
        if name.endswith(("PASSWORD", "KEY")):
            assert secret not in told
            assert f"{name}=" not in told
    assert json.loads(run("docker", "inspect", image(service)))[0]["Config"]["User"] == "kinbridge"


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_is_small_beside_its_base(service: str, project: Stack) -> None:
    sizes = [int(run("docker", "inspect", "-f", "{{.Size}}", name)) for name in (image(service), "python:3.13-slim")]
    assert (sizes[0] - sizes[1]) / 1_000_000 <= BEYOND_BASE


@pytest.mark.parametrize("service", SERVICES)
def test_every_module_of_an_image_finds_what_it_imports(service: str, project: Stack) -> None:
    assert in_image(service, IMPORTS_ALL).split() == ["all"]


def test_an_image_reaches_its_store_and_speaks_its_languages(project: Stack) -> None:
    """What is read at run time alone: Amazon's description of S3, and CLDR's languages."""
    assert (
        in_image("intake", "import boto3; print(boto3.client('s3', 'eu-west-1').meta.service_model.service_name)")
        == "s3\n"
    )
    parse = "from babel import Locale; print(*(Locale.parse(one).text_direction for one in {tags}))"
    pages, messages = list(LANGUAGES.values()), [str(one.locale) for one in MESSAGES.values()]
    assert in_image("intake", parse.format(tags=[one.locale for one in pages])).split() == [
        one.direction for one in pages
    ]
    assert len(in_image("notify", parse.format(tags=messages)).split()) == len(messages)


@pytest.mark.parametrize("service", OWN)
def test_a_container_writes_nowhere_but_to_its_data(service: str, stack: Stack) -> None:
    known = stack.containers()[service]
    assert known["HostConfig"]["ReadonlyRootfs"]
    assert known["HostConfig"]["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in known["HostConfig"]["SecurityOpt"]
    assert stack.execute(service, "id", "-u").strip() == "10001"
    with pytest.raises(AssertionError, match="Read-only file system"):
        stack.execute(service, "touch", "/app/shared/more.py")
    stack.execute(service, "touch", "/data/tried")
    stack.execute(service, "rm", "/data/tried")


def test_pages_and_interfaces_alone_are_published_and_on_this_machine_alone(stack: Stack) -> None:
    published: dict[str, list[Any]] = {}
    for service, known in stack.containers().items():
        ports = known["HostConfig"]["PortBindings"] or {}
        published |= {f"{service} {port}": bindings for port, bindings in ports.items()}
    tests_own = published.pop("postgres 5432/tcp")  # tests/compose/published.yml
    assert set(published) == {"intake-web 8081/tcp", "notify-web 8082/tcp", "reporting-web 8083/tcp"}
    assert {one["HostIp"] for bindings in (*published.values(), tests_own) for one in bindings} == {"127.0.0.1"}


def test_each_service_owns_its_database_and_opens_no_other(stack: Stack) -> None:
    for service in SERVICES:
        password = stack.secrets[f"KINBRIDGE_{service.upper()}_DATABASE_PASSWORD"]
        server = f"host=127.0.0.1 port={stack.ports['postgres']} user={service} password={password}"
        with psycopg.connect(f"{server} dbname={service}") as own:
            asked = "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
            assert own.execute(asked).fetchone() == (False,)
        for other in {*SERVICES, "postgres"} - {service}:
            if other != "postgres":
                with pytest.raises(psycopg.OperationalError, match="permission denied"):
                    psycopg.connect(f"{server} dbname={other}")


@pytest.mark.parametrize(
    "missing", ["KINBRIDGE_MASTER_KEY", "KINBRIDGE_BROKER_PASSWORD", "KINBRIDGE_POSTGRES_PASSWORD"]
)
def test_without_its_secrets_nothing_starts_and_it_is_said_what_to_do(
    missing: str, project: Stack, tmp_path: Path
) -> None:
    rest = tmp_path / "env"
    rest.write_text("".join(f"{name}={value}\n" for name, value in project.secrets.items() if name != missing))
    command = [*str(compose_command()).split(), "--env-file", str(rest), "config"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert 'run "make secrets" once' in done.stderr
