"""Importing this module registers the panel's pages with its site (see config.panel)."""

from reputation.admin import (
    audit,
    bulk,
    complaints,
    directory,
    disputes,
    filters,
    intake,
    numbers,
    queue,
    reporters,
    reports,
    roles,
)

__all__ = [
    "audit",
    "bulk",
    "complaints",
    "directory",
    "disputes",
    "filters",
    "intake",
    "numbers",
    "queue",
    "reporters",
    "reports",
    "roles",
]
