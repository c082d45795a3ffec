"""Numbers that a report names beside its caller: of the telephone that was called, of somebody who
knows of it, of the sender, the real number of whom the caller claims to be.

They are neither reported nor called back. The patterns search a view (view.py), in which each
number is written as NUMBER.
"""

# ruff: noqa: E501 -- a class of words reads better in long lines

import re
from collections.abc import Sequence
from itertools import pairwise

from reputation.intake.grammar.cues import CALL_EN, GOOD_EN, GOOD_ZH, any_of
from reputation.intake.grammar.view import NUMBER as N
from reputation.intake.grammar.view import marked

# Whose telephone: "my own number", 我妈的手机. Not "my stalker's".
_LINE_EN = r"(?:(?:number|phone|cell|mobile|line|landline|telephone|extension|no\.?|#)(?: (?:number|no\.?))?)"
_MY_LINE = rf"(?:my|our) (?:(?:own|work|home|new|old|office|[a-z]+'s) ){{0,3}}{_LINE_EN}"
_BAD_OWNER = (
    r"(?:call|scam|harass|stalk|spam|fraud|collect|lend|loan|abus|blackmail|torment|ex\b|ex-)"
)
_WE_ZH = rf"(?:(?:我|我们|本人|咱)(?:自己)?(?:{GOOD_ZH}|[父母]亲|家里?|屋企|爹|同事)?|{GOOD_ZH}|[父母]亲|家里?|屋企)"
_LINE_ZH = r"(?:的?(?:手机|电话|座机|固话|号码?|家里?|单位|公司|前台|总机)){0,2}"
_ACTS_ZH = r"(?:打|拨|致电|骚扰|轰炸|呼|骂|威胁|恐吓|催|联系|找|搅|吓|call)"
# Not an authority: "reported it to the man on №".
_SOMEBODY = r"(?:\w+ )?(?:man|guy|woman|lady|person|people|caller|collector|company|agency|scam\w*|him|her|them)\b"
# What the caller wants called is the caller's: "told me to ring №", 让我联系№.
_TOLD_ZH = r"(?:让|叫|要|说|换|用|又|还|和|跟|及|、)"

# Not a caller whom the sender called back.
_A_NAME = rf"(?!(?:me|us|my|back|him|her|them|it)\b|(?:the |that |this )?{_SOMEBODY}|(?:the|that|this) (?:same|number))(?:(?!back\b|scam|fraud)[\w'&]+ ){{1,4}}"
_ON_A_CARD = r"\bnumber (?:on|off|from) (?:the (?:back|front) of )?(?:my|the|our|his|her) (?:\w+ )?(?:card|statement|passbook)"
_PLACE = r"(?:work\w*|office|shop|store|school|reception|desk|switchboard|house|home|company|boss|employer)"

_BEFORE = any_of(
    rf"(?<!\b(?:on|in|to) )(?<!\b(?:call|ring) )(?<!\b(?:rang|rung) )(?<!ing )(?<!ed )(?<!s )"
    rf"\b(?!(?:my|our) \w*{_BAD_OWNER}){_MY_LINE}(?: is| was|'s|:| -|,| at| \()*\s*$",
    r"\b(?:victim|complainant|reporter)(?:'s)?(?: (?:number|phone))?\W*$",
    r"(?<!his )(?<!her )(?<!their )(?<!caller's )(?<!scammer's )\b(?:real|actual|genuine|proper|correct"
    r"|official) (?!scam|fraud|caller)[^№.!?\n]{1,30}"
    r"(?:\bis|\bwas|:|\bon|\bat|,) $",
    r"\b(?:i|we) (?:\w+ )?(?:checked|confirmed|verified|spoke|rang|phoned|called|asked|dialled)\b"
    rf"(?! back)[^№.!?\n]{{0,25}}\b{GOOD_EN}[^№.!?\n]{{0,12}}(?:\bon|\bat|\() ?$",
    rf"\b(?:my|our|the) (?:\w+ )?(?:{GOOD_EN}|cops)[^№.!?\n]{{0,12}}(?:\bon|\bat|\(|,) ?$",
    # Whom the sender called: "called Chase at №".
    rf"(?:(?:^|[.!?;\n] ?)|\b(?:i|we) (?:\w+ )?)(?:called|rang|phoned|dialled|spoke to|checked with) {_A_NAME}(?:on|at) $",
    rf"{_ON_A_CARD}\W{{0,3}}(?:(?:is|was) )?$",
    rf"\b(?:call|ring|phone|text)\w* (?:\w+ )?(?:my|our|his|her|their) {_PLACE} \(?$",
    r"\bmy (?:real|actual|own) (?!number|phone|cell|mobile|line)\w+(?: \w+)? $",
    # The sender's name, with a number: "I, Ann Lee (mob. №)".
    r"\b(?:i|we|i am|i'm|my name is),? (?:\w+ ){1,3}\((?:mob\w*|tel\w*|ph\w*|cell\w*|contact)?\W{0,3}(?:no\W{0,2})?$",
    r"\b(?:spoof|fak|clon)(?:es|ed|ing) [^№.!?\n]{0,20}$",
    # Whom the sender told of the caller: "reported № to the FTC at №".
    rf"\breport(?:ed|ing)?\b[^.!?\n]{{0,60}}\bto (?!{_SOMEBODY})[^№.!?\n]{{2,40}}(?:\bon|\bat|\bvia|\() ?$",
    r"(?:^|[.,;!?\n] ?)(?:i'm|im|i am|we're|we are) (?:\w+ )?(?:at|on) $",
    r"(?:(?<!被)举报|(?<!被)投诉|申报|联系|联络)人(?:的|姓名|电话|手机|号码)*[是为: ]*"
    r"(?:[\u4e00-\u9fff]{2,3}[ ,:]+)?(?:电话|手机|号码)*[是为: ]*$",
    # Whom the caller claims to be.
    r"(?:自称|冒充|假冒|谎称|伪装成|伪造)(?:是|为|了|成)?[^,。;!?\n№]{0,4}$",
    r"(?:被叫|被骚扰|受害|接听)(?:的|人|者|方|号码?|电话|手机)*[是为: ]*$",
    rf"(?:^|[,。;!?\n ])(?:我|我们|本人|咱|我家|我{GOOD_ZH})(?:自己|本人)?的?(?:手机|电话|座机|号码?)"
    r"+(?:是|为|:|：)?\s*$",
    r"(?:真正|真实|官方|正确)的?[^,。;!?\n№]{0,8}(?:是|为|:) *$",
    r"(?:打|拨|致电|联系)(?:给|了|过)*(?:真正?的?|官方的?|正规的?|正牌的?)(?:客服|官方|电话|热线|号码?)* *$",
    rf"(?:问了?|咨询了?|打给|致电|核实)[^,。;!?\n№]{{0,6}}{GOOD_ZH}[^,。;!?\n№]{{0,3}}$",
)
_BEHIND = any_of(
    rf"^\W{{0,3}}(?:(?:is|was|that's|this is) )?{_MY_LINE}(?!\w|:| is| was|'s)",
    rf"^\W{{0,3}}(?:(?:is|was|that's|this is) )?(?:the )?{_ON_A_CARD}",
    rf"^[^,。;!?\n№]{{0,10}}(?:被|遭)\s*{N}",
    rf"^[^,。;!?\n№]{{0,10}}(?<!我)(?:收到|接到)(?:了|过)?\s*{N}",
    r"^ (?:is|was|gets?|got|has been|keeps getting) (?:being )?\w+(?:ed|lled|ung) by №",
    r"^ (?:\w+ ){0,3}?(?:got|gets?|getting|received?|receiving|receives) (?:[\w-]+ ){0,4}?(?:from|by) №",
    r"^[^№.!?\n]{0,3} (?:is|was) (?:the |their |his |her )?(?:real|actual|genuine|correct|official)\b",
)
# № calls somebody on №: the second is called.
_CALLED = any_of(
    rf"{N}[^№.;!?\n]{{0,40}}\b(?<!to )(?:{CALL_EN}|rang|rung|threat)\w*\b(?! back)(?!\W*№)"
    r"(?:(?!\b(?:said|says|told|tells|asked|wants|then|and)\b)[^№.;!?\n]){1,30}"
    rf"(?:\b(?:on|at|at work|at home|at school)|\(|\b{_LINE_EN}) ?$",
    rf"{N}(?:(?!{_TOLD_ZH})[^,。;!?\n№]){{0,12}}{_ACTS_ZH}(?:(?!{_TOLD_ZH})[^,。;!?\n№]){{0,6}}?"
    rf"{_WE_ZH}\(?{_LINE_ZH}(?:的|:| |\()*$",
)
# Called from № on somebody's №.
_ON_THEIRS = re.compile(rf"\bfrom {N} (?:on|to|at) (?:my|our|his|her|their) (?:[\w']+ ){{0,3}}$")
# Called on № from another: "on the ward's line № from №".
_ON_A_LINE = re.compile(rf"\b(?:on|to) (?:[\w']+ ){{0,3}}{_LINE_EN} $")
_FROM_BEHIND = re.compile(rf" from {N}")
_FROM = re.compile(rf"\bfrom:? {N}")
_TO = re.compile(r"(?:^|[\s(])to:? (?:(?:my|our) [^№.!?\n]{0,20})?\(?$")
# The sender called № to ask about the other: 我打№核实过.
_ASKED_AHEAD = re.compile(
    r"(?:\b(?:i|we) (?:\w+ )?(?:called|rang|phoned|dialled)|我[^,。;!?\n№]{0,4}(?:打|拨|致电)(?:给|了|过)*) ?$"
)
_ASKED_BEHIND = re.compile(
    r"^(?: (?:and|to|who) (?:they |it )?(?:\w+ )?(?:check|confirm|verif|ask)|(?:去|过去|也|都|已经?)*(?:问|核实|求证|确认|咨询|查证))"
)
# A hotline such as 12345 or 95588 is the caller's only where the text says that it called, or lists
# it with others: mostly callers claim to be it, or the sender asked it.
_HOTLINE = re.compile(r"(?:10|12|9[56])\d{3}", re.ASCII)
_IT_CALLED = re.compile(
    r"(?:又|也|刚刚?|一直|天天|老是?)*(?:的?(?:电话|号码?|短信))?(?:打|来电|发|骚扰|骂|威胁|催)| (?:call|rang|ring|text|sent)"
)
_LISTED = re.compile(r"\s*[,、/和与跟及&]\s*|\s+and\s+")
_SHORTEST = 7  # digits of a number that is no hotline
# How to reach the sender, who is not quoting: "call me back on №".
_REACH = any_of(
    r"\b(?:reach(?:ed)?|contact|call|text|ring|phone|message|e-?mail)(?:ed)? (?:me|us)"
    r"(?: back)?(?: on| at| via|:)? ?$",
    r"\bcb:? $|\bcontact(?: (?:me|no\.?|number|tel|phone|details?))*(?: is)?[ :]+$",
    r"(?:请|可|可以)?(?:回复|回电|联系|致电)(?:我|本人)[^,。;!?\n№]{0,4}$|(?:我的)?联系(?:电话|方式)[是为: ]*$",
)
_QUOTED = any_of(
    r"\b(?:sa(?:id|ys?|ying)|tells?|told|ask(?:s|ed)?|wants?|wanted|demand\w*|text(?:ed|s)|texts?:"
    r"|messages?|sent|wrote|reads?)\b[^.!?\n]*$|[\":]",
    r"(?:说|叫|让|要|短信|内容|发)[^。!?\n]*$|[\":]",
)
# A name and a number at the end sign the message.
_SIGNED = re.compile(
    r"(?:\b(?:thanks|thank you|thx|cheers|regards|sincerely|faithfully|yours|best)\b|谢谢|此致|敬礼)"
    r"(?!.*\b(?:also|and|another|too|plus|as well)\b)(?!.*[还另也和及])[^№]{0,40}$",
    re.ASCII | re.DOTALL,
)
_SURNAMES = (
    "王李张刘陈杨赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕"
    "丁沈任姚卢傅姜崔谭廖范汪陆石戴贾韦夏邱侯邹熊孟秦阎薛尹段雷黎史陶贺顾毛郝龚邵严"
)
_NAME_ZH = re.compile(
    rf"(?:^|[。!?\n] ?)[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?<![贷催骗收])[,: \n]+$"
)


_NEAR = 200  # characters around a number that show whose it is


def beside(view: str, spans: Sequence[tuple[int, int]]) -> list[bool]:
    """Whether each number in the view, at `spans` in order, stands beside the caller's."""
    return [_is_beside(view, spans, place) for place in range(len(spans))]


def _is_beside(view: str, spans: Sequence[tuple[int, int]], place: int) -> bool:
    start, end = spans[place]
    ahead = marked(view, spans[:place], 0, start)[-_NEAR:]
    behind = marked(view, spans[place + 1 :], end)[:_NEAR]
    if _BEFORE.search(ahead) or _BEHIND.search(behind):
        return True
    if _CALLED.search(ahead) or _ON_THEIRS.search(ahead):
        return True
    if _ON_A_LINE.search(ahead) and _FROM_BEHIND.match(behind):
        return True
    if _ASKED_AHEAD.search(ahead) and _ASKED_BEHIND.search(behind):
        return True
    if _HOTLINE.fullmatch(view, start, end) and not _IT_CALLED.match(behind):
        return _is_beside_others(view, spans, place)
    if _TO.search(ahead) and _FROM.search(f"{ahead} {behind}"):
        return True
    if (reach := _REACH.search(ahead)) and not _QUOTED.search(ahead[: reach.start()]):
        return True
    return not behind.strip(" \t\n.,;!?。)") and bool(
        _SIGNED.search(ahead) or _NAME_ZH.search(ahead)
    )


def _is_beside_others(view: str, spans: Sequence[tuple[int, int]], place: int) -> bool:
    """Whether a hotline stands beside longer numbers, and in no list of numbers."""
    longer = any(end - start >= _SHORTEST for start, end in spans)
    gaps = [(one[1], other[0]) for one, other in pairwise(spans)][max(place - 1, 0) : place + 1]
    return longer and not any(_LISTED.fullmatch(view, *gap) for gap in gaps)
