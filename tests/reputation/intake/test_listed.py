"""Several numbers in a form, and in a mail and its subject: all are reported."""

import pytest

from tests.given.phrases import Phrase, read

GB = ["+447700900123", "+447700900124"]
CN = ["+8613800002203", "+8613800002204"]


def named(place, text):
    found = read(Phrase(frozenset(), place, frozenset(), {}, text))
    assert found.kind == "report"
    return [each.key for each in (found.number, *found.further)]


@pytest.mark.parametrize(
    ("place", "text", "numbers"),
    [
        ("GB", "number: 07700 900123, 07700 900124\ndate: yesterday\nwhat: scam", GB),
        ("GB", "07700 900123\n07700 900124\nboth from the same loan shark", GB),
        ("GB", "spam vocal 07700 900123, 07700 900124", GB),
        ("GB", "Call 07700 900123 and 07700 900124", GB),
        ("CN", "号码：13800002203、13800002204 内容：诈骗", CN),
        ("CN", "2026年11月20日14时30分 13800002203、13800002204 诈骗电话", CN),
        ("GB", "number: 07700 900123, 07700 900123\nwhat: scam", GB[:1]),
        ("GB", "Number: 07700 900123\nComment: scam, ring me on 07700 900124", GB[:1]),
        (
            "GB+mail",
            "Scam call from 07700 900123 :: They rang again from 07700 900124, threats.",
            GB,
        ),
    ],
)
def test_every_number_of_a_list_is_reported(place, text, numbers):
    assert named(place, text) == numbers


def test_the_caller_in_a_subject_is_reported_and_not_whom_the_forwarded_mail_asks_to_call():
    text = (
        "Fwd: Voicemail from 404-555-0123 :: its a scam, we never had a loan\n\n"
        "---------- Forwarded message ---------\nFrom: Voicemail <vm@example.com>\n"
        "Date: Mon, Nov 23, 2026 at 3:10 PM\nSubject: Voicemail\n\n"
        '"This is the legal department. Call us back immediately at 888-555-0100."'
    )
    assert named("US+mail", text) == ["+14045550123"]
