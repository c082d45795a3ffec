"""Linking statements into campaigns: what belongs together, and what nobody can make belong."""

from collections import Counter

import pytest

from benchmarks._campaign_world import World
from benchmarks.campaigns import halves, messages, score
from reputation.scoring.campaigns import Index, group, likest
from tests.given.statements import AMAZON, OWN_WORDS, WARRANTY, groups, numbered, said


@pytest.fixture
def world():
    return World(3)


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
