from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The project itself: home of `manage.py postgres`, and where the parts are put together."""

    name = "config"

    def ready(self) -> None:
        from reputation.admin import labels
        from web.reasons import in_words

        labels.say_with(in_words)
