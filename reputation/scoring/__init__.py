"""Scoring: arithmetic only. No Django, no clock, no I/O; the caller passes `now`.

categories  what people report, and how fast it goes stale
evidence    reports folded into a number's evidence; probability; when decay crosses a threshold
trust       what a reporter's word weighs, and how settled truth changes that
policy      evidence and people's decisions become allow, flag or block
reasons     the arithmetic in plain sentences
replay      all of it over a list of reports, without a database (evaluation)
"""
