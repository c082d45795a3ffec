import pytest

from reputation.advice import advise, next_steps
from reputation.models import Report
from reputation.scoring.categories import CATEGORIES, Side

KEEP = "Keep the call log, messages and recordings: a complaint stands on them."
POLICE = "If you or someone near you is threatened, call the police at once."
LENDER = (
    "Check through the lender's official app or number whether the loan exists and who collects."
)
NEVER_PAY = "Never pay to a private account, and never to make a call stop."


@pytest.mark.parametrize(
    ("category", "conduct", "steps"),
    [
        ("legitimate", [], []),
        ("telemarketing", [], [KEEP]),
        ("loan_scam", [], [LENDER, NEVER_PAY, KEEP]),
        ("illegal_collection", ["threats"], [POLICE, LENDER, NEVER_PAY, KEEP]),
        ("threat", [], [POLICE, LENDER, NEVER_PAY, KEEP]),
        ("other", ["witness_retaliation"], [POLICE, KEEP]),
        ("other", ["privacy_disclosure"], [KEEP]),
    ],
)
def test_next_steps(category, conduct, steps):
    assert next_steps(category, conduct) == steps


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_who_is_called_gets_advice_on_every_unwanted_category(category):
    unwanted = CATEGORIES[category].side is Side.UNWANTED
    assert bool(advise("flag", category)) is unwanted
    assert bool(advise("block", category)) is unwanted
    assert advise("allow", category) == ""


def test_conduct_that_calls_for_the_police_is_in_the_vocabulary():
    assert {"threats", "witness_retaliation"} <= set(Report.Conduct.values)
