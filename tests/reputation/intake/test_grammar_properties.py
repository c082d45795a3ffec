"""Whatever is sent: nothing raises, nothing is lost, and what is plain is plain already."""

import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reputation.identity import REGIONS, identify
from reputation.intake.grammar import (
    Kind,
    Reading,
    Role,
    read_mail,
    read_sms,
    words_of_html,
)
from reputation.intake.grammar.dates import AHEAD, find_moment
from reputation.intake.grammar.reading import plain
from tests.given.odd_texts import TEXTS

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
quick = settings(deadline=None, max_examples=60)

region = st.sampled_from(["", "CN", "US", "GB", "FR", "IN"])


NUMBERLESS = (Kind.FORWARDED, Kind.NO_NUMBER, Kind.EMERGENCY, Kind.NOTHING)
MAYBE_NUMBERLESS = (Kind.COMMAND, Kind.OWN, Kind.UNCLEAR)


def context(country: str) -> dict[str, object]:
    return {"region": country, "now": NOW, "zone": SHANGHAI, "allow_fictional": True}


def sound(reading: Reading) -> None:
    """What holds for every reading."""
    pieces = [reading.text[part.start : part.end] for part in reading.parts]
    assert "".join(pieces) == reading.text
    assert all(pieces)
    if reading.kind not in NUMBERLESS:
        assert reading.number is not None or reading.kind in MAYBE_NUMBERLESS
    if reading.number is not None:
        assert reading.kind not in NUMBERLESS
        again = identify(reading.number.key, allow_fictional=True)
        assert again.key == reading.number.key
    assert reading.count >= 1
    assert (reading.command is not None) == (reading.kind is Kind.COMMAND)
    if reading.occurred_at is not None:
        assert reading.occurred_at.tzinfo is not None
        assert reading.occurred_at <= NOW + AHEAD
    content = [reading.text[p.start : p.end] for p in reading.parts if p.role is Role.CONTENT]
    letters = [char for char in "".join(content) if char.isalnum()]
    assert [char for char in reading.content if char.isalnum()] == letters


@quick
@given(TEXTS, region)
def test_any_sms_is_read_whole(text, country):
    for answer in (False, True):
        reading = read_sms(text, answer=answer, **context(country))
        assert reading.text == plain(text)
        sound(reading)


@quick
@given(TEXTS, TEXTS, region, st.booleans())
def test_any_mail_is_read_whole(subject, body, country, answer):
    reading = read_mail(subject, body, answer=answer, **context(country))
    assert reading.text == " ".join(plain(subject).split()) + "\n" + plain(body)
    sound(reading)


@quick
@given(TEXTS)
def test_plain_is_its_own_plain_form_and_keeps_what_can_be_seen(text):
    assert plain(plain(text)) == plain(text)
    seen = [char for char in unicodedata.normalize("NFKC", text) if char.isalpha()]
    assert len([char for char in plain(text) if char.isalpha()]) >= len(seen)


@quick
@given(
    st.datetimes(datetime(2025, 12, 1), datetime(2026, 11, 24, 19)),  # noqa: DTZ001 -- local
    st.sampled_from(
        [
            "{0.year}年{0.month}月{0.day}日{0.hour}时{0.minute}分",
            "{0.year}-{0.month:02}-{0.day:02} {0.hour:02}:{0.minute:02}",
            "{0:%Y%m%d%H%M}",
            "{0:%Y%m%d %H%M}",
            "{0.month}月{0.day}日{0.hour}点{0.minute:02}分",
            "{0.day} {0:%B} {0.year} {0:%I:%M} {0:%p}",
            "{0:%B} {0.day}, {0.hour}:{0.minute:02}",
            "{0.hour:02}:{0.minute:02} {0.day}/{0.month}/{0.year}",
        ]
    ),
    st.sampled_from(["{} {}", "{}+{}", "{},{}", "{}，{}", "{1} {0}"]),
    st.booleans(),
)
def test_time_and_number_come_back_as_written(moment, shape, both, wide):
    text = both.format(shape.format(moment), "13812345678")
    if wide:
        text = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)
    reading = read_sms(text, **context("CN"))
    assert reading.number is not None
    assert reading.number.key == "+8613812345678"
    assert reading.has_time
    at = reading.occurred_at.astimezone(SHANGHAI)
    assert at == moment.replace(second=0, microsecond=0, tzinfo=SHANGHAI)


@quick
@given(TEXTS, st.sampled_from(sorted(REGIONS)))
def test_a_moment_lies_where_it_says(text, country):
    text = plain(text)
    moment = find_moment(text, now=NOW, zone=SHANGHAI, month_first=country == "US")
    if moment is not None:
        assert NOW - timedelta(days=366 * 27) < moment.at <= NOW + AHEAD
        for start, end in moment.spans:
            assert 0 <= start < end <= len(text)


@quick
@given(TEXTS)
def test_any_html_has_words(text):
    assert isinstance(words_of_html(f"<p>{text}<br><b>13812345678</b></p>"), str)


def test_of_a_long_message_the_beginning_is_read_and_the_rest_is_content():
    text = "13812345678*" + "低息贷款 " * 2_000
    reading = read_sms(text, **context("CN"))
    sound(reading)
    assert reading.number is not None
    assert len(reading.content) > 9_000


def test_html_is_read_as_a_person_reads_it():
    html = (
        "<html><head><style>p {color: red}</style></head><body><p>Call&nbsp;from "
        "<b>+44&#32;7700 900123</b></p><script>1</script>said<br>pay<blockquote>old</blockquote>"
    )
    assert words_of_html(html) == "Call from +44 7700 900123\nsaid\npay\n> old"


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "1-",
        "(1",
        "1月",
        "+1",
        "【a",
        "号码:",
        "> ",
        "一",
        "a@",
        "LINK ",
        "5/",
        "On ",
        "\n",
        " ",
        "\t",
        "> \n",
        "13812345678 ",
        "a.9-",
        "not a ",
        "我的",
        "一个电话",
    ],
)
def test_a_long_message_takes_no_long_time(piece):
    """No expression goes back and forth without end: this would not come back for hours."""
    text = piece * (20_000 // len(piece))
    sound(read_mail(text[:900], text, **context("CN")))
