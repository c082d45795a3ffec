"""Importing this module registers the panel's pages with its site (see config.panel)."""

from reputation.admin import (
    audit,
    bulk,
    campaigns,
    complaints,
    directory,
    disputes,
    filters,
    intake,
    numbers,
    published,
    quality_pages,
    queue,
    reporters,
    reports,
    roles,
    webhooks,
)

__all__ = [
    "audit",
    "bulk",
    "campaigns",
    "complaints",
    "directory",
    "disputes",
    "filters",
    "intake",
    "numbers",
    "published",
    "quality_pages",
    "queue",
    "reporters",
    "reports",
    "roles",
    "webhooks",
]
