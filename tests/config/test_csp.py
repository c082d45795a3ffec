"""The content security policy is on every page, and the pages we serve keep to it."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
# Inline scripts (JSON for scripts is data), styles and handlers, and what others serve.
OFFENCES = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style|<[^>]*\s(?:style|on[a-z]+)="
    r"|(?:src|href|action)=.(?:https?:)?//"
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/v1/docs",
        "/admin/login/",
        "/admin/",
        "/admin/reputation/number/",
        "/admin/reputation/report/",
        "/admin/auth/user/add/",
        "/admin/password_change/",
    ],
)
def test_pages_keep_to_the_policy(path: str):
    client = Client()
    if path != "/admin/login/":
        client.force_login(User.objects.create_superuser("boss"))
    response = client.get(path)
    assert response.status_code == 200
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY
    assert OFFENCES.findall(response.content.decode()) == []


def test_the_documentation_starts_by_a_script_of_its_own():
    page = Client().get("/v1/docs").content.decode()
    script = Client().get("/v1/docs?script=")
    assert '<script src="/v1/docs?script="></script>' in page
    assert script["Content-Type"] == "application/javascript"
    assert "SwaggerUIBundle" in script.content.decode()
