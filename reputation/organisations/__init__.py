"""Organisations ask for keys, and look after those that moderators granted.

asking    requests and their bounds, contacts, ending
mails     what contacts are told of decisions
wording   what a key may do, in words
"""

from reputation.organisations.asking import (
    MOST_NETWORKS,
    LastContact,
    NotGranted,
    TooManyContacts,
    TooManyRequests,
    UnreadableNetwork,
    accept,
    add_contact,
    ask,
    ask_renewal,
    clear_contact_of,
    end,
    forget,
    grants_of,
    kept_of,
    read_networks,
    remove_contact,
)
from reputation.organisations.mails import send_notices
from reputation.organisations.wording import SCOPE_WORDS
