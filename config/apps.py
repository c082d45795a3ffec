from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from django.core.checks import register

        from config import checks, start
        from config.connections import close_with_threads
        from reputation import health

        close_with_threads()
        health.register(*checks.CHECKS)
        register(start.named)
