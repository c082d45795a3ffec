"""The guide's table of roles, made from reputation.moderation.roles.

python -m tests.given.panel_roles_guide > docs/guide/panel-roles.md
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()  # does nothing where a test runs it

from reputation.moderation.roles import READ_ALL, ROLES  # noqa: E402

INTRODUCTION = """\
# Roles in the panel

Made by `python -m tests.given.panel_roles_guide > docs/guide/panel-roles.md` out of
`reputation/moderation/roles.py`; a test compares the groups in the database with it. Do not edit it
by hand.

The roles are four Django groups, which a migration installs. A member of a group may do what its
column says, and nothing else; a member of two groups may do what either allows. Nobody needs
`is_superuser`: keep one such account for emergencies.

- **moderator** decides about numbers, reports, reporters and disputes, one at a time, and keeps
  the facts that complaints cite.
- **senior moderator** may pin an action, edit the verified directory, grant and end organisations'
  keys, decide about many rows or a whole cluster at once, and settle where two moderators judged
  one case differently; gets what moderators escalate, and assigns items of the queue. Pins and
  official numbers take two seniors. Decisions of one account beyond about a hundred numbers a day
  take two accounts that may decide them: one proposes, another approves
  ([moderating](moderating.md#two-persons)).
- **auditor** reads everything and changes nothing. Personal data stays masked. An auditor may
  export the record as a signed file: that is the one entry that an auditor writes.
- **administrator** opens and closes accounts and gives roles, with a reason, on record; decides
  nothing, but may hold a number at flag for a day when nobody else is there.

Moderators see how often their own decisions hold; seniors, auditors and administrators see this of
everybody (`see_quality`).

`change_…` never means that a form edits the row: the role may call a verb of the domain on it,
which demands a reason and writes an audit entry.

"""


def document() -> str:
    names = sorted({name for granted in ROLES.values() for name in granted} - {READ_ALL})
    lines = [
        f"| permission | {' | '.join(ROLES)} |",
        f"|---{'|---' * len(ROLES)}|",
        *(
            f"| `{name}` | "
            + " | ".join("✓" if name in granted else "" for granted in ROLES.values())
            + " |"
            for name in (READ_ALL, *names)
        ),
    ]
    return INTRODUCTION + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
