"""The panel: moderators find a number with its reports, and decide.

Every change goes through reputation.moderation, which requires a reason and keeps a record. The
pages are registered by reputation.admin.registration.
"""
