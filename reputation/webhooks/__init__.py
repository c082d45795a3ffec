"""Webhooks: they tell a team of moderators of new queue items, decisions, and deadlines.

subscribing   adding, removing and enabling an address
events        what happened since an address was last told
sending       signed messages, attempts, and their end
"""

from reputation.webhooks.sending import send_due
from reputation.webhooks.subscribing import UnusableAddress, WebhookNotFound, add, enable, remove
