"""The shapes of requests, and of answers for OpenAPI, by subject. The domain checks the meaning.

What several subjects share is in `api.serializers`.
"""
