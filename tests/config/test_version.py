"""One release, in every place that names one."""

import re

import pytest
from django.conf import settings

from config import command_line
from config.version import VERSION, release
from reputation.feeds import snapshots
from reputation.feeds.snapshots import Manifest, Publication
from tests.given.api_requests import ask
from tests.given.staff import member, signed_in


def test_a_checkout_knows_its_commit() -> None:
    assert re.fullmatch(rf"{re.escape(VERSION)}\+g[0-9a-f]{{12}}", release())


def test_the_program_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.main(["--version"])
    assert capsys.readouterr().out.strip() == release()


@pytest.mark.django_db
def test_everything_that_names_a_release_names_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "RELEASE", "9.9.9+gabc")
    monkeypatch.setattr(settings, "COMMIT", "abc")
    scraped = ask("GET", "/metrics", address="127.0.0.1").body.decode()
    assert 'ringscore_build_info{commit="abc",version="9.9.9+gabc"} 1.0' in scraped
    assert ask("GET", "/readyz").json["version"] == "9.9.9+gabc"
    assert ask("GET", "/v1/feeds").json["release"] == "9.9.9+gabc"
    published = Publication("numbers", 1, "", 0, 0, "", {})
    assert b'"release": "9.9.9+gabc"' in Manifest(published, {}).dump()
    page = signed_in(member("moderator")).get("/admin/").content.decode()
    assert "Ringscore 9.9.9+gabc" in page
    assert snapshots.VERSION == 2  # the manifest's form, which is another matter
