"""Limits of pages: what one request counts, for whom, and that an outage uses nothing up."""

import pytest
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from edge import forgive
from web.accounts import open_account
from web.limits import TooMany, left, limited, spend


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


def test_the_head_of_a_page_counts_like_the_page(settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"lookup": "2/m"}
    view = limited("lookup")(lambda request: HttpResponse())
    heads = [RequestFactory().head("/numbers/+12", REMOTE_ADDR="192.0.2.9") for _ in range(3)]
    assert [view(request).status_code for request in heads[:2]] == [200, 200]
    with pytest.raises(TooMany):
        view(heads[2])


def post() -> HttpRequest:
    return RequestFactory().post("/report", REMOTE_ADDR="192.0.2.8")


def test_of_forms_that_come_at_once_no_more_than_the_limit_are_accepted(settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"report": "2/h"}
    accepted = []

    @limited("report")
    def view(request: HttpRequest) -> HttpResponse:
        accepted.append(request)
        if len(accepted) < 3:
            view(post())  # the next comes while this one is read
        return HttpResponse()

    with pytest.raises(TooMany):
        view(post())
    assert len(accepted) == 2


def test_a_form_that_is_refused_or_fails_does_not_use_the_limit_up(settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"report": "2/h", "refused": "3/h"}

    @limited("report")
    def view(request: HttpRequest) -> HttpResponse:
        if "missing" in request.GET:
            raise Http404
        return HttpResponse(status=int(request.GET["status"]))

    def send(query: str) -> HttpRequest:
        request = RequestFactory().post(f"/report?{query}", REMOTE_ADDR="192.0.2.8")
        view(request)
        return request

    send("status=422")
    with pytest.raises(Http404):
        send("missing")
    assert (left(post(), "report"), left(post(), "refused")) == (2, 2)
    send("status=302")
    assert (left(post(), "report"), left(post(), "refused")) == (1, 2)


def of(user: User) -> HttpRequest:
    request = post()
    request.user = user
    return request


def opened(address: str) -> User:
    user = open_account(address)
    assert user is not None
    return user


@pytest.mark.django_db
def test_a_mailbox_has_one_limit_whichever_of_its_addresses_has_the_account(settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"report": "2/h"}
    spend(of(opened("anna@example.org")), "report", times=2)
    with pytest.raises(TooMany):
        spend(of(opened("anna+again@example.org")), "report")
    assert left(of(opened("berta@example.org")), "report") == 2


@pytest.mark.django_db
def test_an_account_that_was_deleted_and_opened_again_has_no_new_limit(settings: Settings):
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"report": "2/h"}
    user = opened("anna@example.org")
    spend(of(user), "report", times=2)
    user.delete()
    with pytest.raises(TooMany):
        spend(of(opened("anna@example.org")), "report")


@pytest.mark.django_db
def test_accounts_of_staff_have_a_limit_each(settings: Settings):
    """Nobody has confirmed their addresses, which an administrator typed."""
    settings.PAGE_LIMITS = settings.PAGE_LIMITS | {"report": "2/h"}
    first = User.objects.create_user("first", "anna@example.org", is_staff=True)
    second = User.objects.create_user("second", "anna@example.org", is_staff=True)
    spend(of(first), "report", times=2)
    assert left(of(second), "report") == 2
