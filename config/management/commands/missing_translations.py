from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.translations import messages, translated

# Folders whose code contains texts for people.
FOLDERS = ("api", "config", "edge", "reputation", "web")


class Command(BaseCommand):
    help = (
        "Print the texts of code and templates that no catalogue translates, in the form of a "
        "catalogue (locale/<area>/zh_Hans/LC_MESSAGES/django.po), with their places, which the "
        "catalogue leaves out; then the unused texts."
    )
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        used = messages(settings.BASE_DIR / folder for folder in FOLDERS)
        known = translated(settings.LOCALE_PATHS)
        for context, text in sorted(used.keys() - known.keys(), key=str):
            place = used[context, text].removeprefix(f"{settings.BASE_DIR}/")
            self.stdout.write(f"#: {place}")
            if context:
                self.stdout.write(f"msgctxt {_quoted(context)}")
            self.stdout.write(f'msgid {_quoted(text)}\nmsgstr ""\n')
        for context, text in sorted(known.keys() - used.keys(), key=str):
            self.stdout.write(f"# Unused: {_quoted(text)} {context or ''}".rstrip())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
