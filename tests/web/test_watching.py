"""A signed-in person chooses which numbers to hear about."""

from collections.abc import Callable

import pytest

from reputation.models import Watch
from tests.given.visitors import Visitor, begins_with_its_problem

pytestmark = pytest.mark.django_db
NUMBER = "+8613812345678"
ASK = "/my/watched?number=%2B8613812345678"


def test_from_a_number_to_its_watch_and_back(known: Callable[..., Visitor], visitor: Visitor):
    assert ASK in visitor.get(f"/numbers/{NUMBER}").content.decode()
    assert "next=/my/watched%3Fnumber%3D%252B8613812345678" in visitor.where(ASK)
    anna, ben = known(), known("ben@example.net")
    assert "Tell me when this number changes" in anna.see(ASK)
    for _ in range(2):  # once more is no second watch
        assert "+86 138 1234 5678" in anna.send("/my/watched", {"number": NUMBER})
    assert Watch.objects.get().user.email == "anna@example.org"
    assert "138" not in ben.see("/my/watched")
    assert '<a class="button" href="/">' in ben.get("/my/watched").content.decode()
    ben.send("/my/watched/stop", {"number": NUMBER})
    assert Watch.objects.count() == 1
    assert "no more mail" in anna.send("/my/watched/stop", {"number": NUMBER})
    assert not Watch.objects.exists()


@pytest.mark.parametrize("number", ["", "abc\0", "9" * 99, "+", "hello abc"])
def test_what_is_no_number_is_refused(known: Callable[..., Visitor], number: str):
    anna = known()
    refused = anna.post("/my/watched", {"number": number})
    assert refused.status_code == 400
    assert begins_with_its_problem(refused)
    assert anna.post("/my/watched/stop", {"number": number}).status_code == 302
