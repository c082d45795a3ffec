"""Requests as programs send them, byte for byte."""

from tests.given.dialects import sha

NUMBER = "+12025550123"


def spamblocker_check(token: str) -> bytes:
    # HttpURLConnection; the header line is split at its colon, so a key must hold none.
    assert ":" not in token
    return (
        f"GET /phoneblock/api/check?sha1={sha(NUMBER)}&prefix10={sha(NUMBER[:-1])}"
        f"&prefix100={sha(NUMBER[:-2])} HTTP/1.1\r\n"
        f"Authorization: Bearer {token}\r\n"
        "User-Agent: Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A.240105.004)\r\n"
        "Host: 127.0.0.1\r\n"
        "Connection: Keep-Alive\r\n"
        "Accept-Encoding: gzip\r\n"
        "\r\n"
    ).encode()


def spamblocker_rate(token: str) -> bytes:
    # No Content-Type is set, so Android's HttpURLConnection labels the JSON as a form.
    body = b'{\n    "phone": "0012025550123",\n    "rating": "G_FRAUD",\n    "comment": ""\n}'
    return (
        "POST /phoneblock/api/rate HTTP/1.1\r\n"
        f"Authorization: Bearer {token}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        "User-Agent: Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/UQ1A.240105.004)\r\n"
        "Host: 127.0.0.1\r\n"
        "Connection: Keep-Alive\r\n"
        "Accept-Encoding: gzip\r\n"
        f"Content-Length: {len(body)}\r\n"
        "\r\n"
    ).encode() + body


def spamblocker_list(token: str, version: str) -> bytes:
    return (
        f"GET /phoneblock/api/blocklist?format=xml&since={version} HTTP/1.1\r\n"
        f"Authorization: Bearer {token}\r\n"
        "Host: 127.0.0.1\r\n"
        "Accept-Encoding: gzip\r\n\r\n"
    ).encode()


def sync_client(token: str, query: str = "") -> bytes:
    # java.net.http over HTTP/1.1, PhoneBlockSync.
    return (
        f"GET /phoneblock/api/blocklist{query} HTTP/1.1\r\n"
        "Connection: Upgrade, HTTP2-Settings\r\n"
        "Content-Length: 0\r\n"
        "Host: 127.0.0.1\r\n"
        "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
        "Upgrade: h2c\r\n"
        f"Authorization: Bearer {token}\r\n"
        "User-Agent: PhoneBlockSync/1.0\r\n\r\n"
    ).encode()


def dongle(token: str, path: str, method: str = "GET", *more: str) -> bytes:
    lines = [
        f"{method} /phoneblock/api/{path} HTTP/1.1",
        "User-Agent: PhoneBlock-Dongle/1.2.0",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {token}",
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def dongle_check(token: str) -> bytes:
    return dongle(
        token,
        f"check-prefix?sha1={sha(NUMBER)[:4]}&format=json&prefix10={sha(NUMBER[:-1])[:4]}"
        f"&prefix100={sha(NUMBER[:-2])[:4]}",
        "GET",
        "Accept: application/json",
        "Content-Length: 0",
    )


KAMAILIO = (
    "GET /v1/numbers/+12025550123?attestation= HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\nUser-Agent: Kamailio\r\nAccept: */*\r\n"
    "Authorization: Bearer {}\r\n\r\n"
)
ASTERISK = (
    "GET /v1/numbers/+12025550123?format=pairs HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\nUser-Agent: asterisk-libcurl-agent/1.0\r\nAccept: */*\r\n"
    "X-Api-Key: {}\r\n\r\n"
)
MOD_CIDLOOKUP = (
    "GET /compat/cidlookup/{}?key={} HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\nUser-Agent: freeswitch-cidlookup/1.0\r\nAccept: */*\r\n\r\n"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
