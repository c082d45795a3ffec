"""The change log and its views."""
