"""Settings of a server, as an operator writes them, and what they come to."""

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = "x7Kq2mWp9LzR4vNcTy8d" * 3
SERVER = {
    "DATABASE_URL": "postgresql://ringscore:pass%40word@db.internal:6432/ringscore?sslmode=verify-full",
    "SECRET_KEY": SECRET,
    "PSEUDONYM_KEY": SECRET[::-1],
    "SEALING_KEYS": f"{SECRET[5:]}{SECRET[:5]}, {SECRET[9:]}{SECRET[:9]}",
    "PUBLIC_URL": "https://ringscore.example/",
    "TRUSTED_PROXY_COUNT": "1",
    "CACHE_URL": "redis://cache.internal:6379/0",
    "WEB_WORKERS": "4",
    "EMAIL_URL": "smtp://ringscore:pass%40word@mail.internal",
    "EMAIL_FROM": "codes@ringscore.example",
    "OPERATOR_NAME": "Example Ltd",
    "OPERATOR_CONTACT": "privacy@ringscore.example",
}


def load(monkeypatch: pytest.MonkeyPatch, env: dict[str, str]) -> dict[str, Any]:
    """What config/settings.py comes to, with these variables beside the others."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "config" / "settings.py"))
