from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config.connections import close_with_threads

        close_with_threads()
