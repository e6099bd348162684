"""Reports' pages at a browser: for staff and for a donor's reader, at two widths, in both directions of writing; the
report itself as it is read, with JavaScript off and by the checker."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser
from sqlalchemy import Engine

from services.intake import app as intake_app
from services.reporting import app as reporting_app
from services.reporting.rendering import RENDERINGS
from shared.access import Role, issue_token
from shared.crypto import KeyRing
from shared.middleware import ByPrefix
from tests.browser.visitor import Site, Window
from tests.journeys.conftest import REPOSITORY, clean_environment
from tests.journeys.test_main_job import TOTALS
from tests.reporting.grants.conftest import APPROVER, DONOR, MANAGER, Office
from tests.reporting.rendering.issues import grant_issue
from tests.samples import sample_data
from tests.staff import Staff

pytestmark = pytest.mark.browser
SIZES = [(1280, "en"), (360, "en"), (1280, "ar"), (360, "ar")]


@dataclass
class Hub:
    """Intake and reporting at one address, with a report that was published twice and one that is at work."""

    site: Site
    office: Office
    published: str
    at_work: str


@pytest.fixture
def hub(sqlite: Callable[[str], Engine], keys: KeyRing) -> Iterator[Hub]:
    intake, reporting = sqlite("intake"), sqlite("reporting")
    office = Office(reporting, keys)
    office.incident("2026-02-03", 5)
    office.incident("2026-08-03", 41)
    grant = office.grant()
    office.published(office.opened(grant, "2026-01-01", "2026-03-31"))
    published, at_work = office.opened(grant), office.opened(grant, "2026-04-01", "2026-06-30")
    office.published(published)
    office.incident("2026-08-04", 7)
    office.done(APPROVER, "POST", f"/reports/{published}/restatement", {"why": "Late facts arrived."})
    office.published(published)
    office.done(MANAGER, "POST", f"/reports/{at_work}/draft")
    apps = {"intake": intake_app.build(intake, keys), "reporting": reporting_app.build(reporting, keys)}
    listener = socket.create_server(("127.0.0.1", 0))
    whole = ByPrefix(apps["intake"], {**apps, "assets": apps["intake"]})
    server = uvicorn.Server(uvicorn.Config(whole, log_config=None, lifespan="off", server_header=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield Hub(Site(address, intake, Staff(intake, "red-cross-marenia", "Red Cross")), office, published, at_work)
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(("width", "language"), SIZES)
def test_every_page_of_reports_is_for_everybody(program: Browser, hub: Hub, width: int, language: str) -> None:
    window = Window(program, hub.site, width, language, scripts=True)
    for actor, paths in (
        (MANAGER, ("reports", f"reports/{hub.at_work}", f"issues/{hub.published}/2")),
        (APPROVER, (f"reports/{hub.published}",)),
        (DONOR, ("reports", f"issues/{hub.published}/1")),
    ):
        window.open(f"/reporting/enter?token={issue_token(hub.office.keys, actor)}")
        for path in paths:
            window.open(f"/reporting/{path}")
            window.look(f"{sorted(actor.roles)[0]}-{path.partition('/')[0]}-{len(path)}")
            assert window.path == f"/reporting/{path}"
    assert window.found_wrong == []
    window.close()


@pytest.mark.parametrize(("width", "language"), SIZES)
def test_a_report_as_it_is_read_is_for_everybody(program: Browser, hub: Hub, width: int, language: str) -> None:
    window = Window(program, hub.site, width, language, scripts=True)
    window.page.set_content(RENDERINGS["html"].render(grant_issue(language=language)).decode())
    for summary in window.page.locator("summary").all():
        summary.click()
    window.look("issue")
    assert window.found_wrong == []
    window.close()


def test_staff_come_from_intakes_menu_and_read_a_published_report(program: Browser, hub: Hub) -> None:
    window = Window(program, hub.site, 1280, "en", scripts=False)
    window.enter(Role.CASE_MANAGER)
    window.open("/intake/my-work")
    window.follow("Reports")
    assert (window.path, window.heading) == ("/reporting/reports", "Reports")

    window.open(f"/reporting/enter?token={issue_token(hub.office.keys, DONOR)}")
    assert window.heading == "My grants"
    window.page.locator(f'a[href$="/issues/{hub.published}/1"]').click()
    window.follow("Read the report")
    assert window.page.locator("dl.tiles").count() == 1
    assert window.page.locator("svg.trend, ol.bars, table").count() > 0
    assert window.found_wrong == []
    window.close()


def test_a_printed_report_opens_its_tables(program: Browser) -> None:
    page = program.new_page()
    page.set_content(RENDERINGS["html"].render(grant_issue()).decode())
    behind = page.locator("details table").first
    assert not behind.is_visible()
    page.emulate_media(media="print")
    assert behind.is_visible()
    page.close()


def test_a_browser_shows_the_totals_of_the_real_incidents(program: Browser, tmp_path: Path) -> None:
    """As the command line writes the page, from the real file of 2014–2018."""

    def kinbridge(*words: str, code: int) -> None:
        command = [sys.executable, "-m", "kinbridge", *words, "--data-dir", str(tmp_path / "data")]
        done = subprocess.run(command, env=clean_environment(), cwd=REPOSITORY, capture_output=True, check=False)
        assert done.returncode == code, done.stderr

    file = tmp_path / "report.html"
    kinbridge("import", "incidents", str(sample_data("incidents/incidents-2014-2018.csv")), code=1)
    kinbridge("report", "--from", "2014-01-01", "--to", "2018-12-31", "--format", "html", "--out", str(file), code=0)
    page = program.new_page(java_script_enabled=False)
    page.goto(file.as_uri())
    for summary in page.locator("summary").all():
        summary.click()
    totals = page.locator("tfoot tr")
    assert totals.count() == 5
    for row in totals.all():
        assert row.is_visible()
        assert [int(cell.replace(",", "")) for cell in row.locator("td").all_inner_texts()] == [*TOTALS.values()]
    page.close()
