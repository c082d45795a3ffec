"""Settings of Django that no environment changes: applications, requests, languages, jobs."""

from pathlib import Path
from typing import Any

from django.utils import csp

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False  # clients such as Kamailio and Asterisk do not follow redirects
# A moderator's decision on 1,000 rows has a field for each row, besides the form's own fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_100
STATIC_URL = "/static/"

INSTALLED_APPS = [
    "web",  # first: its templates take precedence over allauth's
    "reputation",  # for the same reason, before Django's admin
    "config.panel.PanelConfig",  # Django's admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",  # Swagger UI's files, so that /v1/docs asks no third party for them
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "config",
    "api",
]

MIDDLEWARE = [
    "api.metrics.timed",
    "api.middleware.surplus_slashes",
    "api.dialects.callername.quiet_errors",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "config.middleware.in_their_language",
    "config.middleware.signing_in_uncached",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.refusals.Refusals",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "libraries": {"panel": "reputation.admin.tags"},
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# No inline code, no evaluated code, nothing from other hosts: pages show texts of attackers.
SECURE_CSP: dict[str, list[str]] = {
    "default-src": [csp.CSP.NONE],
    "script-src": [csp.CSP.SELF],
    "style-src": [csp.CSP.SELF],
    "img-src": [csp.CSP.SELF, "data:"],  # the second factor's QR code, Swagger UI's icons
    "font-src": [csp.CSP.SELF],
    "connect-src": [csp.CSP.SELF],
    "manifest-src": [csp.CSP.SELF],
    "form-action": [csp.CSP.SELF],
    "frame-ancestors": [csp.CSP.NONE],
    "base-uri": [csp.CSP.NONE],
}

SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
# W005, W021: HSTS for subdomains and the preload list would affect hosts that are not ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")]
# One catalogue for each area. `manage.py compile_translations` makes gettext's files from them, and
# derives those in Traditional Chinese.
LOCALE_PATHS = [
    Path(__file__).resolve().parent.parent / "locale" / area
    for area in ("web", "panel", "complaints", "intake", "disputes", "quality", "traditional")
]
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True
TIME_ZONE = "UTC"

# Periodic jobs (config.jobs), which `manage.py worker` runs.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["config.jobs"]
# How late a missed job may still run: long enough for weekly ones (seconds).
PROCRASTINATE_PERIODIC_DEFAULTS = {"max_delay": 7 * 86_400}
