"""Our answer in PhoneBlock's terms: a rating and votes (docs/adr/0012-what-dialects-say.md).

Its clients either block or ring, and decide by one of two fields: SpamBlocker by the rating, whose
only negative value that blocks nothing is C_PING; PhoneBlock's own app and dongle by votes, by
default from 4 on. So `block` shows in both fields and `flag` in neither: C_PING and at most 3
votes, which the app displays and no client blocks on unless its user asks for that.
"""

from datetime import datetime
from typing import Any

from reputation.lookup import Answer
from reputation.scoring import BLOCK_AT, Action, Side, log_odds

LEGITIMATE = "A_LEGITIMATE"
SUSPECT = "C_PING"

# The category of each of their ratings. F_GAMBLE is gambling and prize notifications.
REPORTED = {
    "A_LEGITIMATE": "legitimate",
    "B_MISSED": "other",  # "negative, no kind given": the name is historical
    "C_PING": "silent_call",
    "D_POLL": "survey",
    "E_ADVERTISING": "telemarketing",
    "F_GAMBLE": "other",
    "G_FRAUD": "phishing",
}
# The rating of a blocked number by category. Never C_PING, or SpamBlocker would let it ring.
TOLD = {
    "illegal_collection": "G_FRAUD",
    "threat": "G_FRAUD",
    "impersonation": "G_FRAUD",
    "loan_scam": "G_FRAUD",
    "phishing": "G_FRAUD",
    "telemarketing": "E_ADVERTISING",
    "robocall": "E_ADVERTISING",
    "survey": "D_POLL",
}
UNSPECIFIC = "B_MISSED"

# Votes are the evidence behind a score in log-odds, scaled so that we block at 5: SpamBlocker takes
# `votes > 4` from a list, PhoneBlock's app and dongle block from 4 on.
LEAST_BLOCKED = 5
MOST_FLAGGED = 3
CERTAIN = 0.995  # scores are whole percentages: 100 stands for this and more


def votes(action: str, score: int) -> int:
    """The evidence behind a score (percent): 0, 1 to 3, or 5 and more.

    It grows with the score, not with the number of reports, which attackers can stack.
    """
    if action == Action.ALLOW.value:
        return 0
    probability = min(max(score / 100, 0.5), CERTAIN)
    count = round(LEAST_BLOCKED * log_odds(probability) / log_odds(BLOCK_AT))
    if action == Action.BLOCK.value:
        return max(count, LEAST_BLOCKED)
    return min(max(count, 1), MOST_FLAGGED)


def rating(action: str, category: str) -> str:
    if action == Action.BLOCK.value:
        return TOLD.get(category, UNSPECIFIC)
    return SUSPECT if action == Action.FLAG.value else LEGITIMATE


def phone_info(
    phone: str,
    answer: Answer | None,
    *,
    wildcard: int = 0,
    opinion: Side | None = None,
    blocked: bool = False,
) -> dict[str, Any]:
    """PhoneBlock's entry about one number.

    `answer`: None for an unknown number; scores below the flag threshold are not shown. `wildcard`:
    votes of a range of blocked numbers around it. `opinion`: the caller's own report or rule.
    `blocked`: the caller's own list blocks it, so that every client does.
    """
    info: dict[str, Any] = {
        "phone": phone,
        "votes": 0,
        "rating": LEGITIMATE,
        "votesWildcard": 0,
        "whiteListed": opinion is Side.LEGITIMATE,
        "blackListed": opinion is Side.UNWANTED,
        "archived": False,
        "dateAdded": 0,
        "lastUpdate": 0,
    }
    if opinion is Side.LEGITIMATE:
        return info
    if answer is not None and answer.action != Action.ALLOW.value:
        info["votes"] = votes(answer.action, answer.score)
        info["rating"] = rating(answer.action, answer.category)
        info["dateAdded"] = milliseconds(answer.first_reported_at)
        info["lastUpdate"] = milliseconds(answer.last_reported_at)
    elif wildcard:
        info["rating"] = SUSPECT
    if blocked and info["votes"] < LEAST_BLOCKED:
        category = answer.category if answer is not None else ""
        info |= {"votes": LEAST_BLOCKED, "rating": rating(Action.BLOCK.value, category)}
    info["votesWildcard"] = max(info["votes"], wildcard)
    return info


def milliseconds(moment: str) -> int:
    """RFC 3339 as milliseconds since the Unix epoch; 0 for an empty text."""
    return int(datetime.fromisoformat(moment).timestamp() * 1000) if moment else 0
