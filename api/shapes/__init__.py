"""The shapes of requests and answers of one subject, as `api.views` names it.

What several subjects share, and the shapes of lookups, are in `api.serializers`.
"""
