from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.translations import messages, translated

# The folders whose code speaks to people.
FOLDERS = ("api", "config", "reputation", "web")


class Command(BaseCommand):
    help = (
        "Print what code and templates say and no catalogue translates, ready to be put into one "
        "(locale/<area>/zh_Hans/LC_MESSAGES/django.po); then what catalogues hold that nobody says."
    )
    requires_system_checks = []

    def handle(self, **options: Any) -> None:
        said = messages(settings.BASE_DIR / folder for folder in FOLDERS)
        known = translated(settings.LOCALE_PATHS)
        for context, text in sorted(said.keys() - known.keys(), key=str):
            place = said[context, text].removeprefix(f"{settings.BASE_DIR}/")
            self.stdout.write(f"#: {place}")
            if context:
                self.stdout.write(f"msgctxt {_quoted(context)}")
            self.stdout.write(f'msgid {_quoted(text)}\nmsgstr ""\n')
        for context, text in sorted(known.keys() - said.keys(), key=str):
            self.stdout.write(f"# Nobody says: {_quoted(text)} {context or ''}".rstrip())


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
