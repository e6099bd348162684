"""Reporting hands out the files of issues for donors beside its feed, to notify alone."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.reporting import files
from shared.http_issue_files import HttpIssueFiles
from shared.issue_files import FilesUnavailable
from shared.messaging.feed import LocalFeed
from shared.messaging.feed_server import feed_app
from tests.client import TestClient
from tests.notify.reports.conftest import FIRST, LAST, House


def over_http(house: House, reader: str) -> HttpIssueFiles:
    """The listener as a service reaches it that holds the key of its pair."""
    feed = LocalFeed(house.reporting, "reporting")
    app = feed_app(feed, house.keys, ("intake", "notify"), files.router(house.reporting, house.keys))
    client = TestClient(app, raise_server_exceptions=False)
    client.headers["Authorization"] = f"Bearer {house.keys.feed_key('reporting', reader)}"
    return HttpIssueFiles(client)


def test_over_http_files_are_those_that_are_rendered_and_say_that_they_are_whole(house: House) -> None:
    report, notify = house.publish(), over_http(house, "notify")
    head = notify.head(report, 1)
    assert head == house.files.real.head(report, 1)
    assert (head.grant_number, head.date_from, head.date_to) == ("RFL-2026/17", FIRST, LAST)
    for form in ("pdf", "xlsx", "csv", "json", "html"):
        got = notify.file(report, 1, form)
        assert got.whole
        assert got == house.files.real.file(report, 1, form)


def test_another_reader_of_the_feed_gets_no_file(house: House) -> None:
    report, intake = house.publish(), over_http(house, "intake")
    for ask in (lambda: intake.head(report, 1), lambda: intake.file(report, 1, "pdf")):
        with pytest.raises(FilesUnavailable):
            ask()
    assert intake.client.get("/feed/v1/heads").status_code == 200, "which it may read"


def test_what_is_not_there_or_not_for_a_donor_is_handed_to_nobody(house: House) -> None:
    report, notify = house.publish(), over_http(house, "notify")
    internal = house.publish(audience="internal")
    for issue, number, form in ((report, 2, "pdf"), (report, 1, "exe"), (internal, 1, "pdf"), (UUID(int=1), 1, "pdf")):
        with pytest.raises(FilesUnavailable):
            notify.file(issue, number, form)


def test_a_file_that_lost_bytes_on_the_way_is_not_whole(house: House) -> None:
    report, notify = house.publish(), over_http(house, "notify")
    got = notify.file(report, 1, "csv")
    assert not type(got)(got.form, got.media_type, got.content[:-1], got.sha256).whole
    assert not type(got)(got.form, got.media_type, b"", got.sha256).whole
