"""What a visitor's browser does and shows, without one."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.core import mail
from django.http import HttpResponse
from django.test import Client


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.hidden += tag in ("script", "style", "title", "option")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style", "title", "option")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)


def text_of(response: HttpResponse) -> str:
    """What can be read on a page, in one line."""
    parser = _Text()
    parser.feed(response.content.decode())
    return " ".join(unescape(" ".join(parser.parts)).split())


class Visitor(Client):
    """A test client that reads pages, and says so as browsers do."""

    def __init__(self, **defaults: Any) -> None:
        super().__init__(**({"HTTP_ACCEPT": "text/html,*/*;q=0.8"} | defaults))

    def see(self, path: str, *, status: int = 200, **more: Any) -> str:
        response = self.get(path, **more)
        assert response.status_code == status, (path, response.status_code)
        return text_of(response)

    def send(self, path: str, data: dict[str, Any], *, status: int = 200) -> str:
        """Posts a form and follows where it leads."""
        response = self.post(path, data, follow=True)
        assert response.status_code == status, text_of(response)
        return text_of(response)

    def where(self, path: str, data: dict[str, Any] | None = None) -> str:
        """Where a request is redirected to."""
        response = self.get(path) if data is None else self.post(path, data)
        assert response.status_code == 302, text_of(response)
        return str(response["Location"])


def begins_with_its_problem(response: HttpResponse) -> bool:
    """Whether a reader of the screen hears first that something is wrong, and then what."""
    html = response.content.decode()
    return (
        "<title>Error: " in html and 'role="alert" id="problems" tabindex="-1" autofocus>' in html
    )


def headings(response: HttpResponse) -> list[str]:
    html = response.content.decode()
    found = re.findall(r"<h[12][^>]*>(.*?)</h[12]>", html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]


def code_in_mail() -> str:
    """The code in the mail that was sent last."""
    found = re.search(r"^    (\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]
