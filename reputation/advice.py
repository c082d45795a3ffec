"""What to do now, in a sentence or two. Facts that go stale (statutes) do not belong here."""

from reputation.scoring.policy import Action

_COLLECTION = (
    "Do not confirm personal data or pay on this call. Check the loan in the lender's own app or "
    "on its official number."
)
_SCAM = "Hang up. Do not follow links, share codes or pay: this is how loan scams begin."
_NUISANCE = "You need not answer. A call that matters will leave a message."
_THREAT = "Do not argue. Keep log and recordings, and call the police if you feel in danger."

_BY_CATEGORY = {
    "illegal_collection": _COLLECTION,
    "threat": _THREAT,
    "impersonation": "Hang up and call the institution on the number on your contract or card.",
    "loan_scam": _SCAM,
    "phishing": _SCAM,
    "telemarketing": _NUISANCE,
    "robocall": _NUISANCE,
    "silent_call": _NUISANCE,
    "survey": _NUISANCE,
    "other": _NUISANCE,
}

_KEEP = "Keep the call log, messages and recordings: a complaint stands on them."
_POLICE = "If you or someone near you is threatened, call the police at once."
_LENDER = (
    "Check through the lender's official app or number whether the loan exists and who collects."
)
_NEVER_PAY = "Never pay to a private account, and never to make a call stop."


def advise(action: str, category: str) -> str:
    """One or two sentences for the person whose phone rings; empty when there is nothing to say."""
    if action == Action.ALLOW.value:
        return ""
    return _BY_CATEGORY.get(category, "")


def next_steps(category: str, conduct: list[str]) -> list[str]:
    """What somebody who just reported this should do next, most urgent first."""
    if category == "legitimate":
        return []
    steps = []
    if category == "threat" or {"threats", "witness_retaliation"} & set(conduct):
        steps.append(_POLICE)
    if category in ("illegal_collection", "threat", "impersonation", "loan_scam"):
        steps += [_LENDER, _NEVER_PAY]
    steps.append(_KEEP)
    return steps
