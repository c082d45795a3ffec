from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The project itself, an app only so that `manage.py postgres` has a home."""

    name = "config"
