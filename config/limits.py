"""How many requests are allowed: to the API by kind, and to the pages."""

# Allowed requests by kind: for an address without a key, for a key that the operator made, together
# with those made with it, and for all keys of a person (who can make keys without anybody's
# consent), a second (s), minute, hour or day. None: not counted, since such requests need a key.
RATE_LIMITS: dict[str, dict[str, str | None]] = {
    "lookup": {"anonymous": "60/m", "key": "6000/m", "person": "300/m"},
    "bulk_lookup": {"anonymous": None, "key": "60/m", "person": "6/m"},
    "report": {"anonymous": None, "key": "120/h", "person": "30/h"},
    "bulk_report": {"anonymous": None, "key": "30/h", "person": "6/h"},
    "evidence": {"anonymous": None, "key": "120/h", "person": "60/h"},
    # The request makes the pack.
    "complaint": {"anonymous": None, "key": "60/h", "person": "20/h"},
    # Holders have no key. The cost of codes is also limited by number and network.
    "dispute": {"anonymous": "10/h", "key": "60/h", "person": "20/h"},
    "dispute_code": {"anonymous": "30/h", "key": "300/h", "person": "30/h"},
    "dispute_file": {"anonymous": "60/h", "key": "120/h", "person": "60/h"},
    "read": {"anonymous": "60/m", "key": "600/m", "person": "120/m"},
    # Gateways, one address each, for all senders of SMS and e-mail; senders also have limits.
    "intake": {"anonymous": "1200/m", "key": "6000/m", "person": "6/m"},
    # A mirror polls twelve times an hour; after a pause it reads page after page.
    "feed": {"anonymous": "120/h", "key": "1200/h", "person": "120/h"},
    # A team's own tools: a preview or a decision locks numbers.
    "moderate": {"anonymous": None, "key": "600/m", "person": "120/m"},
    "failed_auth": {"anonymous": "20/m", "key": None, "person": None},
    # The address book. A Fritz!Box asks for a few cards at a time, each time first without its key,
    # and some clients ask for each card; a hundred boxes may share an address.
    "contacts": {"anonymous": None, "key": "1200/h", "person": "1200/h"},
    # PhoneBlock's clients: the whole list, and blocked calls (further ones are not counted).
    "blocklist": {"anonymous": None, "key": "30/h", "person": "30/h"},
    "report_call": {"anonymous": None, "key": "20/d", "person": "20/d"},
}

# The limits of pages, by address: of people without a key, in a network that many may share.
PAGE_LIMITS: dict[str, str] = {
    "lookup": "60/m",
    "report": "30/h",
    "evidence": "60/h",
    "download": "300/h",  # of one's own files, and what is noted of a complaint
    "letter": "40/h",  # to read, or as a pack: each makes the whole pack, seconds of a processor
    "dispute": "20/h",
    "complaint": "20/h",
    "link": "20/h",
    "watch": "60/h",
    "copy": "6/h",
    "refused": "200/h",  # forms with errors, of all kinds
    "sign_in": "20/m",  # codes that are asked for
    "sign_in_mail_asked": "120/h",  # mails with codes, to whichever mailboxes, perhaps strangers'
    "sign_in_mail": "20/d",  # mails with codes to one mailbox, which may be a stranger's
    # Of these, asked for from one network: a stranger there does not shut out the mailbox's owner.
    "sign_in_mail_network": "8/d",
    # Failures of passwords: for an account, from a browser that signed in to it before or else from
    # a network; of other browsers, from an address; and for an account, from all of them.
    "password": "10/m",
    "password_place": "15/h",
    "password_strangers": "120/h",
}
