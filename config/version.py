"""The version of this release: of the wheel, of backups, and of what `--version` prints."""

VERSION = "0.1.0"
