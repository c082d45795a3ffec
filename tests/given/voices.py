"""One person by several channels, and what such voices may do."""

from itertools import count

from hypothesis import strategies as st

from reputation.models import IntakeSender, Report, Reporter
from tests.given.reporters import DAY, NOW, SCAMMER

SERIAL = count(1)
CATEGORY = st.sampled_from(["loan_scam", "threat", "legitimate"])
ACT = st.tuples(
    st.sampled_from(["person", "sms", "stranger"]),
    st.integers(0, 1),
    CATEGORY,
    st.sampled_from(["say", "say", "withdraw", "reject"]),
)


def voice(kind: str, handle: str = "", *, age: int = 0, **fields: object) -> Reporter:
    return Reporter.objects.create(
        kind=kind, handle=handle or kind, created_at=NOW - age * DAY, **fields
    )


def sender(reporter: Reporter, channel: str = "sms") -> IntakeSender:
    return IntakeSender.objects.create(
        channel=channel, handle=reporter.handle, reporter=reporter, first_seen_at=NOW
    )


def live(number=SCAMMER) -> list[tuple[str, str]]:
    return list(
        Report.objects.live()
        .filter(number__key=number.key)
        .order_by("seq")
        .values_list("reporter__kind", "category")
    )
