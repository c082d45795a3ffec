"""What each client needs to use this service: the marked parts of docs/integrations, filled in.

The documents are the only source: `<!-- connect: NAME -->` before a block of code or a table makes
it the part NAME of the page. The documents' placeholders for address, key and country are replaced
by the reader's own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import qrcode
from django.conf import settings
from django.utils.safestring import SafeString
from qrcode.constants import ERROR_CORRECT_L
from qrcode.image.svg import SvgPathImage

FOLDER = settings.BASE_DIR / "docs" / "integrations"
MARKED = re.compile(
    r"^<!-- connect: (?P<name>[a-z-]+) -->\n"
    r"(?:```\w*\n(?P<code>.*?)^```$|(?P<table>(?:\|[^\n]*\n)+))",
    re.MULTILINE | re.DOTALL,
)
# The documents' placeholders for the reader's own values.
ADDRESS = re.compile(r"https://your-service|http://127\.0\.0\.1:8000")
HOST = "your-service"
KEY = re.compile(r"rsk_xxxxxxxx_[a-z-]+")
REGION = re.compile(r"(?<=--region )US|(?<=REGION=)US")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document: code, or the rows of a table. One of them is empty."""

    code: str = ""
    rows: tuple[tuple[str, str], ...] = ()

    def filled(self, *, token: str, region: str) -> "Part":
        """The part with the reader's key and country. An unknown country leaves the document's."""

        def fill(text: str) -> str:
            text = ADDRESS.sub(settings.PUBLIC_URL, KEY.sub(token, text))
            text = text.replace(HOST, urlsplit(settings.PUBLIC_URL).netloc)
            return REGION.sub(region, text) if region else text

        return Part(fill(self.code), tuple((name, fill(value)) for name, value in self.rows))


def parts() -> dict[str, Part]:
    """The parts of all documents, by name."""
    return dict(_parts())


@cache
def _parts() -> tuple[tuple[str, Part], ...]:
    return tuple(
        (found["name"], Part(code=found["code"] or "", rows=tuple(_rows(found["table"] or ""))))
        for path in sorted(FOLDER.glob("*.md"))
        for found in MARKED.finditer(path.read_text())
    )


def _rows(table: str) -> Iterator[tuple[str, str]]:
    """The rows of a table with two columns, without its header."""
    for line in table.splitlines()[2:]:
        name, value = (cell.strip().strip("`") for cell in line.strip("|").split("|"))
        yield name, value


def qr(text: str) -> SafeString:
    """The text as a QR code: an unstyled SVG, black on white."""
    code = qrcode.QRCode(border=4, error_correction=ERROR_CORRECT_L)
    code.add_data(text)
    image = code.make_image(image_factory=SvgPathImage)
    return SafeString(image.to_string(encoding="unicode"))
