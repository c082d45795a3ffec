"""Linking statements into campaigns: what belongs together, and what nobody can make belong."""

import random
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from benchmarks._campaign_world import World
from benchmarks.campaigns import halves, messages, score
from reputation.scoring.campaigns import (
    Index,
    Known,
    group,
    keep_ids,
    likest,
    marks_of,
    nearest,
    phrases,
    terms,
)

AMAZON = (
    "Hello, this is the order desk of your online store. A laptop for 1,499 dollars was ordered "
    "from your account and will be charged to your card this evening. If you did not authorise "
    "this purchase, press 1 to speak with a representative and cancel the order at once. Thank you."
)
WARRANTY = (
    "We have been trying to reach you about the extended warranty of your vehicle. You should have "
    "received a notice in the mail. This is the final courtesy call before we close out your "
    "file. Press 2 to be removed from our list, or press 1 to speak with a warranty specialist."
)
OWN_WORDS = (
    "They threatened my elderly mother about a parking fine in another county",
    "Wanted me to confirm a hotel booking in Lisbon that I never made",
    "Survey about local politics, then asked for a donation to some fund",
    "Claims I won a cruise and only have to cover the harbour taxes",
    "Offered cheap roof repairs after the storm, would not name the firm",
    "Asked whether our dental practice buys printer toner this month",
    "Pretended to collect for firefighters, got rude about a receipt",
    "Sells vineyard shares, guaranteed returns, sounded very young",
)


def said(*texts, **fields):
    """One statement for each text, each by a reporter of its own."""
    return [
        {"id": f"{text[:12]}-{place}", "text": text, "reporter": f"reporter {place}", "at": place}
        | fields
        for place, text in enumerate(texts)
    ]


def numbered(statements):
    return [row | {"id": place, "reporter": place} for place, row in enumerate(statements)]


def groups(statements, **options):
    """The groups as sets of ids, without those of no campaign."""
    found = defaultdict(set)
    for identifier, campaign in group(statements, **options).items():
        if campaign is not None:
            found[campaign].add(identifier)
    return sorted(found.values(), key=sorted)


@pytest.fixture
def world():
    return World(3)


# --- Words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "half", "recall"),
    [
        ("messages_zh", "odd", 0.9),
        ("messages_zh", "even", 0.9),
        ("comments_zh", "odd", 0.9),
        ("comments_zh", "even", 0.9),
        ("comments_en", "odd", 0.5),
        ("comments_en", "even", 0.5),
        ("comments_later", "even", 0.6),
    ],
)
def test_messages_find_their_campaigns(name, half, recall):
    statements = halves(messages(name))[half]
    found = group(statements)
    truth = {row["id"]: row["truth"] for row in statements}
    share, purity = score(truth, found)
    assert len(set(truth.values()) - {None}) >= 10
    assert share >= recall
    assert purity >= 0.97
    assert not any(found[key] for key, campaign in truth.items() if campaign is None)


@pytest.mark.parametrize(
    ("name", "half", "recall", "strays"),
    [
        ("messages_zh", "odd", 0.97, 0.02),
        ("messages_zh", "even", 0.97, 0.04),
        ("comments_zh", "odd", 0.8, 0.11),
        ("comments_zh", "even", 0.85, 0.07),
    ],
)
def test_complaints_about_other_callers_hardly_join_a_chinese_campaign(name, half, recall, strays):
    """Each of the others is about a caller of its own; they share what complaints share."""
    known = halves(messages(name))[half]
    others = [row | {"id": ("other", row["id"])} for row in messages("unrelated_zh")]
    assert len(others) >= 200
    found = group([*known, *others])
    share, purity = score({row["id"]: row["truth"] for row in known}, found)
    assert share >= recall
    assert purity >= 0.97
    assert sum(found[row["id"]] is not None for row in others) <= strays * len(others)


def test_what_three_say_by_chance_links_nothing(world):
    found = group({"id": n, "text": " ".join(world.text(14))} for n in range(1500))
    assert sum(map(bool, found.values())) <= 15


def test_two_who_share_a_few_words_are_no_campaign_but_several_are():
    told = (
        "Toaster recall refund, wants my card, from a firm named Ottermere",
        "Ottermere again, pesters about refund for a toaster, shouted, pushy",
        "Says Ottermere owes me money for the toaster, asks for card number",
        "A refund on some toaster, the man would not spell Ottermere",
    )
    assert groups(numbered(said(*told[:2], *OWN_WORDS))) == []
    assert groups(numbered(said(*told, *OWN_WORDS))) == [{0, 1, 2, 3}]


def misheard(world, *, every):
    """A script that 200 people report, of which each mishears one word in so many."""
    script, slips = world.text(45), world.text(200)
    heard = [
        " ".join(slip if n % every == at % every else word for n, word in enumerate(script))
        for at, slip in enumerate(slips)
    ]
    index = Index(numbered(said(*heard, AMAZON, WARRANTY)))
    return index, Counter(filter(None, index.campaigns().values()))


def test_a_script_that_everybody_reports_is_one_though_each_call_is_misheard(world):
    _, sizes = misheard(world, every=15)
    assert list(sizes.values()) == [200]


def test_a_few_who_misheard_the_same_are_seen_to_look_like_the_others(world):
    index, sizes = misheard(world, every=8)
    (largest, _), *others = sizes.most_common()
    assert others
    seen = likest(
        list(index.examples()), sizes, having=dict(index.common(9999)), texts=index.texts()
    )
    assert seen == {campaign: largest for campaign, _ in others}


def test_a_script_is_one_however_many_repeat_it(world):
    """What most texts say is common, but not what one script says that most repeat."""
    script = world.text(20)
    heard = [
        " ".join(slip if world.chance.random() < 0.05 else word for word, slip in both)
        for both in (list(zip(script, world.text(20), strict=True)) for _ in range(1200))
    ]
    others = [" ".join(world.text(14)) for _ in range(800)]
    found = group(numbered(said(*heard, *others)))
    of_script = Counter(found[place] for place in range(1200))
    assert max(of_script.values()) >= 1195
    assert sum(found[place] is not None for place in range(1200, 2000)) <= 8


def test_a_recording_is_known_wherever_it_starts_and_ends():
    words = AMAZON.split()
    heard = [" ".join(words[start:end]) for start, end in [(0, 51), (0, 38), (14, 51), (8, 45)]]
    heard.append(
        AMAZON.replace("1,499", "899").replace("laptop", "lap top").replace("desk", "test")
    )
    assert groups(said(*heard, WARRANTY)) == [{row["id"] for row in said(*heard)}]


def test_an_excerpt_joins_a_script_that_everybody_else_heard_in_full():
    excerpt = " ".join(AMAZON.split()[16:34])
    statements = numbered(said(*[AMAZON] * 10, excerpt, *[WARRANTY] * 3))
    assert groups(statements) == [set(range(11)), {11, 12, 13}]


def test_two_scripts_with_the_same_boilerplate_stay_apart():
    ending = (
        "Press 1 to speak with a representative or press 2 to be removed from our calling list."
    )
    statements = numbered(
        said(
            *["Your electric service will be disconnected today for non-payment. " + ending] * 3,
            *["You qualify for a new student loan forgiveness programme. " + ending] * 3,
        )
    )
    assert groups(statements) == [{0, 1, 2}, {3, 4, 5}]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "spam call",
        "Robocall, hung up",
        "They call me every day and hang up when I answer",
        "Unknown caller, left no message",
        "骚扰电话",
        "一接就挂，不知道是谁",
        "Anruf, sofort aufgelegt",
        "+1 415 555 0134",
        "https://example.com/a/b/c/d/e/f/g",
        "???",
        "\U0001f621\U0001f621\U0001f621",
    ],
)
def test_generic_words_link_nothing(text):
    assert groups(numbered(said(*[text] * 30))) == []


def test_three_words_in_common_are_a_coincidence():
    texts = ("Velvet sofa, marble kitchen, chandelier", "Chandelier velvet opera marble ticket")
    assert groups(numbered(said(*texts))) == []


def test_a_statement_may_have_no_text_at_all():
    assert group([{"id": 1}, {"id": 2, "text": None}]) == {1: None, 2: None}


def test_figures_links_and_addresses_are_not_words():
    statements = numbered(
        said(
            "Parcel 4471 held at customs, pay the release fee of 2.99 at https://a.example/x1",
            "Parcel 9 held at customs, pay the release fee of 14.50 at post.b.example/y2",
        )
    )
    assert groups(statements) == [{0, 1}]


def test_languages_do_not_meet():
    texts = (
        AMAZON,
        WARRANTY,
        "您的网贷债务案件已由委托方移交我所，起诉材料已经整理好，准备提交法院立案",
    )
    assert groups(numbered(said(*texts * 2))) == [{0, 3}, {1, 4}, {2, 5}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "आपका बिजली कनेक्शन आज रात काट दिया जाएगा, तुरंत बिजली अधिकारी से संपर्क करें",
            "आपका बिजली कनेक्शन आज शाम काट दिया जाएगा, तुरंत बिजली अधिकारी से संपर्क करें 9",
        ),
        (
            "Служба безопасности банка: по вашей карте оформлен кредит, переведите деньги",
            "Служба безопасности банка, по вашей карте оформлен кредит, срочно переведите деньги",
        ),
        (
            "تم تجميد حسابك البنكي، يرجى تحديث بيانات البطاقة عبر الرابط المرفق",
            "عزيزي العميل تم تجميد حسابك البنكي، يرجى تحديث بيانات البطاقة عبر الرابط",
        ),
        (
            "お客様の宅配荷物をお届けしましたが不在のため持ち帰りました。ご確認ください",
            "お届け物がありましたが不在のため宅配荷物を持ち帰りました。下記よりご確認ください",
        ),
        (
            "พัสดุของคุณถูกตรวจพบสิ่งผิดกฎหมาย กรุณาติดต่อเจ้าหน้าที่ตำรวจทันที",
            "พัสดุของคุณตรวจพบสิ่งผิดกฎหมาย ให้ติดต่อเจ้าหน้าที่ตำรวจ",
        ),
        (
            "서울중앙지방검찰청입니다. 귀하의 계좌가 범죄에 연루되어 수사에 협조하셔야 합니다",
            "서울중앙지방검찰청 수사관입니다. 귀하의 계좌가 범죄에 연루되어 협조하셔야 합니다",
        ),
    ],
)
def test_every_script_links(one, other):
    assert groups(numbered(said(one, other, AMAZON, "骚扰电话"))) == [{0, 1}]


def test_people_who_tell_it_in_their_own_words_are_together():
    statements = numbered(
        said(
            "Fake grandson, car accident, in jail, wanted bail paid with gift cards",
            "Claimed to be my grandson in jail after a car accident, needs bail in gift cards",
            "Somebody pretended to be my grandson: accident, jail, bail, gift cards",
            *OWN_WORDS,
        )
    )
    assert groups(statements) == [{0, 1, 2}]


# --- Framing -------------------------------------------------------------------------------------


def test_one_reporter_makes_no_campaign():
    statements = [row | {"reporter": "one"} for row in numbered(said(*[AMAZON] * 20))]
    assert groups(statements) == []
    assert groups([*statements, {"id": 20, "text": AMAZON, "reporter": "two"}]) == [set(range(21))]


def test_one_statement_that_repeats_two_scripts_does_not_join_them():
    apart = numbered(said(*[AMAZON] * 4, *[WARRANTY] * 4))
    both = {"id": 8, "text": f"{AMAZON} {WARRANTY}", "reporter": "liar"}
    found = group([*apart, both])
    assert found[0] == found[3] != found[4] == found[7]


def test_a_liar_does_not_join_two_campaigns_by_naming_the_call_back_number_of_one():
    statements = numbered(said(*[AMAZON] * 4, *[WARRANTY] * 4))
    for row in statements[:4]:
        row["callback_number"] = "+14155550134"
    lie = {"id": 8, "text": WARRANTY, "reporter": "liar", "callback_number": "+14155550134"}
    found = group([*statements, lie])
    assert found[0] == found[3] != found[4] == found[8]


# --- Call-back numbers ---------------------------------------------------------------------------


def test_a_call_back_number_links_what_was_said_in_other_words():
    statements = numbered(said(*OWN_WORDS[:3], callback_number="+14155550134"))
    assert groups(statements) == [{0, 1, 2}]


def test_a_call_back_number_links_without_words():
    assert groups(numbered(said("", "", callback_number="+14155550134"))) == [{0, 1}]


def test_a_number_of_the_directory_links_nothing():
    statements = numbered(said(*OWN_WORDS[:3], callback_number="+14155550134"))
    assert groups(statements, official={"+14155550134"}) == []


@pytest.mark.parametrize("number", ["911", "95555", "", None])
def test_a_service_number_links_nothing(number):
    assert groups(numbered(said(*OWN_WORDS[:3], callback_number=number))) == []


def test_a_call_back_number_that_stands_beside_everything_links_nothing():
    assert groups(numbered(said(*OWN_WORDS, callback_number="+14155550134"))) == []


def test_a_call_back_number_of_many_campaigns_links_none_of_them():
    scripts = [f"{text}, repeated as though it were read from a sheet" for text in OWN_WORDS[:4]]
    statements = numbered(said(*scripts * 3, callback_number="+14155550134"))
    assert groups(statements) == [{start, start + 4, start + 8} for start in range(4)]


# --- Claimed names -------------------------------------------------------------------------------


def test_a_name_links_with_act_and_time():
    rows = numbered(said(*OWN_WORDS[:3], claimed_name="Northgate Recovery", act="debt_collection"))
    rows[1]["claimed_name"] = "NORTHGATE  recovery"
    assert groups(rows) == [{0, 1, 2}]
    assert groups([row | {"at": row["at"] * 20} for row in rows]) == []
    assert groups([row | {"at": None} for row in rows]) == []
    assert groups([row | {"act": ""} for row in rows]) == []
    assert groups([row | {"act": f"act {row['id']}"} for row in rows]) == []


def test_a_name_that_everybody_claims_links_nothing():
    assert groups(numbered(said(*OWN_WORDS, claimed_name="The Bank", act="scam"))) == []


# --- Ids, and joining one by one -----------------------------------------------------------------


def test_the_order_does_not_matter():
    statements = halves(messages("comments_en"))["odd"]
    expected = group(statements)
    for seed in range(3):
        random.Random(seed).shuffle(statements)
        assert group(statements) == expected


def test_statements_join_as_they_come():
    index = Index()
    first, second, other, third = numbered(said(AMAZON, AMAZON, WARRANTY, AMAZON + " Goodbye."))
    assert index.add(first) is None
    campaign = index.add(second)
    assert campaign is not None
    assert index.campaign(0) == campaign
    assert index.add(other) is None
    assert index.add(third) == campaign
    assert index.add(third | {"text": WARRANTY}) == campaign
    assert len(index) == 4
    assert index.campaigns() == {0: campaign, 1: campaign, 2: None, 3: campaign}


def test_joining_one_by_one_finds_what_grouping_finds():
    statements = halves(messages("messages_zh"))["odd"]
    truth = {row["id"]: row["truth"] for row in statements}
    index = Index()
    for row in statements:
        index.add(row)
    at_once, one_by_one = group(statements), index.campaigns()
    pairs = [pair for pair in pairwise(truth) if truth[pair[0]] == truth[pair[1]] is not None]
    agreed = sum(
        (at_once[one] == at_once[other]) == (one_by_one[one] == one_by_one[other])
        for one, other in pairs
    )
    assert agreed / len(pairs) >= 0.9


def test_a_call_back_number_joins_as_it_comes():
    index = Index()
    rows = numbered(said(*OWN_WORDS, callback_number="+14155550134"))
    assert index.add(rows[0]) is None
    campaign = index.add(rows[1])
    assert campaign is not None
    assert index.campaign(0) == campaign


def test_a_call_back_number_stops_linking_once_it_stands_beside_everything():
    index = Index()
    rows = numbered(said(*OWN_WORDS, callback_number="+14155550134"))
    joined = [index.add(row) for row in rows]
    assert joined[1] is not None
    assert joined[-1] is None


def test_an_unknown_id_is_an_error():
    with pytest.raises(KeyError):
        Index().campaign("nobody")


def test_a_campaign_keeps_its_id_as_it_grows():
    rows = numbered(said(*[AMAZON] * 6))
    before = group(rows[:3])[0]
    assert set(group(rows).values()) == {before}
    assert set(group([row | {"at": -row["at"]} for row in rows]).values()) != {before}


def test_two_campaigns_that_turn_out_to_be_one_keep_the_older_ones_id():
    words = AMAZON.split()
    head, tail = " ".join(words[:26]), " ".join(words[26:])
    rows = numbered(said(head, head, tail, tail, AMAZON, AMAZON))
    before, after = group(rows[:4]), group(rows)
    assert before[0] != before[2]
    assert set(after.values()) == {before[0]}


def test_after_a_split_the_larger_part_keeps_the_id():
    before = dict.fromkeys("abcde", "old")
    after = {"a": "old", "b": "old", "c": "new", "d": "new", "e": "new", "f": None}
    kept = keep_ids(before, after)
    assert kept["c"] == kept["d"] == kept["e"] == "old"
    assert kept["a"] == kept["b"] not in {"old", None}
    assert kept["f"] is None


def test_after_a_merge_the_larger_ones_id_stays():
    before = {"a": "x", "b": "x", "c": "y", "d": "y", "e": "y", "f": None}
    assert set(keep_ids(before, dict.fromkeys("abcdef", "x")).values()) == {"y"}
    assert keep_ids({}, {"a": "x", "b": None}) == {"a": "x", "b": None}


# --- What is shown -------------------------------------------------------------------------------


def test_phrases_are_those_that_several_reporters_used():
    text = "My name is Anna Example, call 415-555-0134 about your unpaid road toll at pay.example/x"
    shown = phrases(said(text, text.replace("0134", "0199").replace("Anna", "Eve"), text))
    assert any("your unpaid road toll" in phrase for phrase in shown)
    for secret in ("anna", "example", "eve", "0134", "0199", "415"):
        assert not any(secret in phrase for phrase in shown)


def test_what_one_reporter_said_often_is_not_shown():
    statements = [row | {"reporter": "one"} for row in numbered(said(*[AMAZON] * 9))]
    assert phrases(statements) == []
    assert phrases(said(AMAZON, AMAZON)) == []
    assert phrases(said(AMAZON, AMAZON), reporters=2)


def test_phrases_in_chinese_without_names_and_numbers():
    shown = phrases(
        said(
            "张先生您好，您的借款已严重逾期，请回电400-555-0112处理，住址中山路12号",
            "李女士您好，您的借款已严重逾期，请回电400-555-0118处理",
            "王先生，您的借款已严重逾期，请立即处理",
        )
    )
    assert any("借款已严重逾期" in phrase for phrase in shown)
    assert not any(secret in "".join(shown) for secret in ("张", "李", "555", "中山路"))


def test_phrases_are_few_and_none_is_within_another():
    shown = phrases(said(*[AMAZON] * 5), most=3)
    assert 0 < len(shown) <= 3
    assert not any(one in other for one in shown for other in shown if one != other)


# --- Joining by examples -------------------------------------------------------------------------


def test_a_few_examples_of_each_campaign_are_enough_to_know_the_rest():
    statements = halves(messages("messages_zh"))["even"]
    truth = {row["id"]: row["truth"] for row in statements}
    first = [row for place, row in enumerate(statements) if place % 2]
    index = Index(first)
    known = [
        Known(part, example)
        for part, examples in enumerate(index.examples())
        for example in examples
    ]
    names = {truth[row["id"]]: index.campaign(row["id"]) for row in first}
    having = dict(index.common(100_000))
    found = [
        nearest(terms(row["text"]), known, having=having, texts=index.texts()) == names[own]
        for row in statements
        if (own := truth[row["id"]]) and row not in first
    ]
    assert sum(found) / len(found) >= 0.95
    assert nearest(terms(AMAZON), known, having=having, texts=index.texts()) is None
    assert nearest([], known, having=having, texts=index.texts()) is None


def test_marks_of_a_campaign_name_it():
    index = Index(numbered(said(*OWN_WORDS[:3], callback_number="+14155550134")))
    assert list(index.marks()) == [("number +14155550134", index.campaign(0), 2.0)]
    assert marks_of({"id": 1, "callback_number": "+14155550134"}) == ["number +14155550134"]
    assert marks_of({"id": 1, "callback_number": "911"}) == []


# Of three the later two were called with a number for which somebody vouched.
