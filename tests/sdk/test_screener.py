"""What rings and what does not: by mode, lists, times, and what the network says."""

from datetime import datetime, time, timedelta
from typing import Any

import httpx
import pytest
from ringscore import (
    Action,
    BadAnswer,
    Client,
    Contacts,
    Decision,
    Mirror,
    Mode,
    OwnList,
    QuietHours,
    RepeatedCalls,
    Source,
)

from tests.given.screening import (
    ALLOW,
    BLOCK,
    BLOCKED,
    FLAG,
    FLAGGED,
    FRIEND,
    STRANGER,
    asked,
    at,
    screener,
    unasked,
)


def test_the_list_of_ones_own_on_the_server():
    rules = [
        {"action": "block", "pattern": "DE", "prefix": "+49*"},
        {"action": "block", "pattern": "US", "prefix": ""},
        {"action": "allow", "pattern": STRANGER, "prefix": STRANGER},
        {"action": "block", "pattern": "*", "prefix": "*"},
        {"action": "block", "pattern": "name:*loans*", "prefix": ""},
        {"action": "allow", "pattern": "name:mum", "prefix": ""},
    ]
    answers = {"/v1/me/list": {"rules": rules}}
    transport = httpx.MockTransport(lambda asked: httpx.Response(200, json=answers[asked.url.path]))
    with Client("http://ringscore.test", key="rsk_x", transport=transport) as client:
        own = client.own_list()
        answers["/v1/me/list"] = {"rules": [{"action": "maim"}]}
        with pytest.raises(BadAnswer):
            client.own_list()
    assert own == OwnList((STRANGER,), ("+49*",), True, ("mum",), ("*loans*",))
    mode = Mode.CONTACTS if own.contacts_only else Mode.REPUTATION
    screening = screener(allow=own.allow, block=own.block, mode=mode)
    actions = {
        number: screening.screen(number).action for number in (STRANGER, FRIEND, "+4930123456")
    }
    assert actions == {STRANGER: ALLOW, FRIEND: BLOCK, "+4930123456": BLOCK}


# --- Modes ---


@pytest.mark.parametrize(
    ("mode", "caller", "action", "source"),
    [
        (Mode.REPUTATION, FRIEND, ALLOW, Source.CONTACTS),
        (Mode.REPUTATION, STRANGER, ALLOW, Source.MIRROR),
        (Mode.REPUTATION, FLAGGED, FLAG, Source.MIRROR),
        (Mode.REPUTATION, BLOCKED, BLOCK, Source.MIRROR),
        (Mode.MIXED, FRIEND, ALLOW, Source.CONTACTS),
        (Mode.MIXED, STRANGER, FLAG, Source.MIRROR),
        (Mode.MIXED, FLAGGED, BLOCK, Source.MIRROR),
        (Mode.MIXED, BLOCKED, BLOCK, Source.MIRROR),
        (Mode.CONTACTS, FRIEND, ALLOW, Source.CONTACTS),
        (Mode.CONTACTS, STRANGER, BLOCK, Source.CONTACTS),
        (Mode.CONTACTS, BLOCKED, BLOCK, Source.CONTACTS),
        (Mode.CONTACTS, "anonymous", BLOCK, Source.WITHHELD),
        (Mode.MIXED, "", FLAG, Source.WITHHELD),
    ],
)
def test_who_rings_in_which_mode(
    mirror: Mirror, mode: Mode, caller: str, action: Action, source: Source
) -> None:
    with asked(unasked) as client:  # a fresh mirror, and contacts, ask nobody
        decision = screener(mode=mode, mirror=mirror, client=client).screen(
            caller, contacts=[FRIEND]
        )
    assert (decision.action, decision.source, decision.stale) == (action, source, False)
    assert decision.reasons


def test_a_decision_is_whole(mirror: Mirror) -> None:
    assert screener(mirror=mirror).screen(BLOCKED) == Decision(
        BLOCK, ("The number is listed, to be blocked.",), Source.MIRROR, stale=False
    )


def test_withheld_numbers_are_treated_as_chosen() -> None:
    for choice in Action:
        assert screener(withheld=choice).screen("Restricted").action is choice
        assert screener(withheld=choice).screen(None).source is Source.WITHHELD


# --- Lists ---


@pytest.mark.parametrize(
    ("allow", "block", "caller", "source"),
    [
        ([STRANGER], [], STRANGER, Source.ALLOW_LIST),
        ([], [STRANGER], STRANGER, Source.BLOCK_LIST),
        ([], ["+1 202 *"], STRANGER, Source.BLOCK_LIST),
        ([], ["+1202555014?"], STRANGER, Source.BLOCK_LIST),
        ([], ["+1202555?"], STRANGER, None),
        ([], ["+1202555"], STRANGER, None),
        (["+1202555*"], ["+1202*"], STRANGER, Source.ALLOW_LIST),
        (["+1202*"], ["+1202555*"], STRANGER, Source.BLOCK_LIST),
        (["+1202*"], ["+1202*"], STRANGER, Source.ALLOW_LIST),
        ([], [FRIEND], FRIEND, Source.BLOCK_LIST),  # in the address book, and unwanted
        ([], ["GB@EX*"], "GB@EXAMPLE", Source.BLOCK_LIST),
        ([], ["555010"], "555010", Source.BLOCK_LIST),
    ],
)
def test_own_lists_come_first_and_the_narrower_pattern_wins(
    allow: list[str], block: list[str], caller: str, source: Source | None
) -> None:
    decision = screener(allow=allow, block=block).screen(caller, contacts=[FRIEND])
    if source is None:
        assert decision.source is Source.FAILURE
    else:
        assert decision.source is source


@pytest.mark.parametrize(
    ("options", "name", "action"),
    [
        ({"block_names": ["*loans*"]}, "City ＬＯＡＮＳ Ltd", BLOCK),
        ({"block_names": ["*loans*"], "allow": ["+1202*"]}, "City Loans", BLOCK),
        ({"block_names": ["*loans*"], "allow": [STRANGER]}, "City Loans", ALLOW),
        ({"block_names": ["*loans*"], "allow_names": ["city*"]}, "City Loans", ALLOW),
        ({"block_names": ["loans", "loans*"]}, "City Loans", ALLOW),
        ({"block_names": ["loans"]}, "", ALLOW),
        ({"allow_names": ["mum"], "mode": Mode.CONTACTS}, " M\u200bUM ", ALLOW),
    ],
)
def test_names_decide_after_numbers_and_before_patterns(
    options: dict[str, Any], name: str, action: Action
) -> None:
    assert screener(**options).screen(STRANGER, caller_name=name).action is action
    known = screener(**options).screen(STRANGER, caller_name=name, contacts=[STRANGER])
    assert known.action is ALLOW  # a contact's number says more than a name


@pytest.mark.parametrize("pattern", ["", "*", "***", "*loans", "a*b"])
def test_what_is_no_name(pattern: str) -> None:
    with pytest.raises(ValueError, match="no pattern for a name"):
        screener(block_names=[pattern])


@pytest.mark.parametrize("pattern", ["*", "+*", "??", ""])
def test_a_pattern_for_everybody_is_a_mistake(pattern: str) -> None:
    with pytest.raises(ValueError, match="every number"):
        screener(block=[pattern])


def test_contacts_are_found_however_they_are_written() -> None:
    book = Contacts(["020 7946 0001", "+44 (0)20 7946 0002", "555010"], region="GB")
    assert len(book) == 3
    guard = screener(mode=Mode.CONTACTS, region="GB")
    for caller in (FLAGGED, "tel:+44-20-7946-0002", "02079460001", "555010"):
        assert guard.screen(caller, contacts=book).source is Source.CONTACTS
        assert guard.screen(caller, contacts=book).action is ALLOW
    assert guard.screen("+12079460001", contacts=book).action is BLOCK


# --- Times ---

NIGHT = QuietHours(time(22), time(7), frozenset({0, 1}))  # of Monday and of Tuesday


@pytest.mark.parametrize(
    ("moment", "within"),
    [
        (at(23, 22), True),  # Monday
        (at(23, 21, 59), False),
        (at(23, 6), False),  # belongs to Sunday's night
        (at(24, 6, 59), True),
        (at(24, 7), False),
        (at(25, 6), True),  # Tuesday's night
        (at(25, 23), False),
    ],
)
def test_quiet_hours_go_over_midnight(moment: datetime, within: bool) -> None:
    assert (moment in NIGHT) is within
    decision = screener(quiet_hours=NIGHT, now=lambda: moment).screen(STRANGER)
    assert (decision.source is Source.QUIET_HOURS) is within
    assert (
        screener(quiet_hours=NIGHT, now=lambda: moment).screen(FRIEND, contacts=[FRIEND]).action
        is ALLOW
    )


def test_quiet_hours_within_a_day() -> None:
    siesta = QuietHours(time(13), time(15))
    assert at(24, 14) in siesta
    assert at(24, 15) not in siesta


class Clock:
    def __init__(self) -> None:
        self.now = at(23, 23)

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.parametrize("options", [{"quiet_hours": NIGHT}, {"mode": Mode.CONTACTS}])
def test_who_calls_again_at_once_gets_through(mirror: Mirror, options: dict[str, Any]) -> None:
    clock = Clock()
    guard = screener(mirror=mirror, now=clock, **options)
    assert guard.screen(STRANGER).action is BLOCK
    clock.now += timedelta(minutes=6)
    assert guard.screen(STRANGER).action is BLOCK  # too late for the first one
    clock.now += timedelta(minutes=2)
    decision = guard.screen(STRANGER)
    assert (decision.action, decision.source) == (ALLOW, Source.REPEATED_CALL)
    for caller, action in ((FLAGGED, FLAG), (BLOCKED, BLOCK)):
        assert guard.screen(caller).action is BLOCK
        assert guard.screen(caller).action is action
    assert guard.screen("anonymous").action is BLOCK
    assert guard.screen("anonymous").action is BLOCK


def test_repeated_calls_can_be_counted_otherwise_or_not_at_all() -> None:
    never = screener(mode=Mode.CONTACTS, repeated_calls=None)
    assert [never.screen(STRANGER).action for _ in range(4)] == [BLOCK] * 4
    third = screener(mode=Mode.CONTACTS, repeated_calls=RepeatedCalls(calls=3))
    assert [third.screen(STRANGER).action for _ in range(4)] == [BLOCK, BLOCK, ALLOW, ALLOW]


# --- What the network says, and neighbours ---


@pytest.mark.parametrize(
    "attestation",
    [
        *("failed", "TN-Validation-Failed-B", "tn-validation-failed", "Signature failed"),
        *("signature_failed", "Verification mismatch", "TN-Validation-Failed-Diverted"),
    ],
)
def test_a_false_caller_id_inherits_no_good_name(mirror: Mirror, attestation: str) -> None:
    guard = screener(mirror=mirror)
    for caller in (FRIEND, STRANGER):
        assert guard.screen(caller, contacts=[FRIEND], attestation=attestation).action is FLAG
    assert guard.screen(BLOCKED, attestation=attestation).action is BLOCK


@pytest.mark.parametrize(
    ("callee", "attestation", "action"),
    [
        ("+12025550199", "", FLAG),
        ("+12025550199", "B", FLAG),
        ("+12025550199", "A", ALLOW),
        (STRANGER, "", FLAG),
        ("+12025560143", "", ALLOW),
        ("+1202555014", "", ALLOW),
        ("nonsense", "", ALLOW),
        (None, "", ALLOW),
    ],
)
def test_neighbours_are_flagged_unless_vouched_for(
    mirror: Mirror, callee: str | None, attestation: str, action: Action
) -> None:
    guard = screener(mirror=mirror)
    assert guard.screen(STRANGER, callee=callee, attestation=attestation).action is action
    friends = guard.screen(STRANGER, callee=callee, attestation=attestation, contacts=[STRANGER])
    assert friends.action is ALLOW
