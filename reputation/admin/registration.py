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
    jobs,
    key_grants,
    numbers,
    proposals,
    published_lists,
    quality_pages,
    queue,
    reporters,
    reports,
    roles,
    webhooks,
)
