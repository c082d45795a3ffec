"""Files of reports, as clients send them to POST /v1/reports/bulk."""

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from api.keys import create_key

URL = "/v1/reports/bulk"


def key(scopes: tuple[str, ...] = ("bulk",)) -> str:
    return create_key(name="bulk", scopes=list(scopes), region="US", now=timezone.now())[1]


def number(place: int) -> str:
    return f"+1202{2_000_000 + place}"


def ndjson(places: range, **more: Any) -> bytes:
    rows = [{"number": number(place), "category": "robocall", **more} for place in places]
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def post(client: Client, body: bytes, **headers: str) -> Any:
    return client.post(URL, data=body, content_type="application/x-ndjson", headers=headers)
