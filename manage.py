#!/usr/bin/env python
"""Ringscore's command line in a checkout: `python manage.py help` lists what it can do."""

import sys

from config.command_line import manage

if __name__ == "__main__":
    manage(sys.argv)
