"""Limits of pages: what one request counts, and that an outage uses nothing up."""

from django.test import RequestFactory
from pytest_django import Settings

from edge import forgive
from web.limits import left, spend


def test_a_request_that_counts_many_times_is_forgiven_as_often(settings: Settings):
    """Of an imported log each number counts, and none if the answer is 503."""
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"report": "9/h"}
    request = RequestFactory().post("/my/calls/import", REMOTE_ADDR="192.0.2.7")
    spend(request, "report", times=4)
    assert left(request, "report") == 5
    spend(request, "report", times=4)  # the server may run a request twice
    assert left(request, "report") == 5
    forgive(request.META)
    assert left(request, "report") == 9
