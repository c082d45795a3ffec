"""The kind of call that words show, and what they only seem to show."""

import pytest

from reputation.intake.grammar.view import view
from reputation.intake.grammar.words import category_of


@pytest.mark.parametrize(
    "text",
    [
        "he swore at me and I recorded it",
        "she was vile, please have him recorded as abusive",
        "we recorded him shouting",
        "骂人很难听，我有录音",
        "他骂我全家，通话录音我都保留着",
        "hung up when I asked for his name",
        "they hang up whenever we ask who is calling",
        "一问是哪个公司一问就挂",
        "says my national insurance number is suspended",
    ],
)
def test_what_the_sender_did_is_no_kind_of_call(text):
    assert category_of(view(text)) not in ("robocall", "silent_call", "telemarketing")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("a recorded message about solar", "robocall"),
        ("pre-recorded voice, press 9", "robocall"),
        ("打来就放录音", "robocall"),
        ("录音电话，天天打", "robocall"),
        ("rings and hangs up", "silent_call"),
        ("hung up when I answered", "silent_call"),
        ("一接就挂", "silent_call"),
        ("selling life insurance", "telemarketing"),
    ],
)
def test_and_what_the_caller_did_is(text, category):
    assert category_of(view(text)) == category
