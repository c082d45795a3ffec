"""The shapes of requests and answers of one subject, as `api.views` names it.

What several subjects share, lookups and single reports are in `api.serializers`.
"""
