"""What words tell: the kind of call, the acts in it, the language, and whether one speaks for
oneself or passes on what somebody else wrote. Hints only: a moderator sees the text."""

# ruff: noqa: E501 -- a line a category reads better than the same in pieces

import re

_I = re.IGNORECASE

# The first that fits decides, so the grave come first.
_CATEGORIES = [
    ("threat", r"threat|kill|hurt (?:me|you)|beat (?:me|you)|威胁|恐吓|杀|弄死|打死|报复|上门找"),
    ("illegal_collection", r"collect(?:or|ion)|debt|overdue|repay|(?<![a-z])owe(?![a-z])|催收|催债|讨债|催款|逾期|欠款|欠钱|欠债|还款|还钱|"
     r"爆通讯录"),
    ("loan_scam", r"loan|lend(?:er|ing)|credit line|贷款|借款|网贷|放款|额度|征信|套路贷|小额贷|低息"),
    ("impersonation", r"pretend|imperson|claim(?:s|ed|ing)? to be|fake (?:police|bank)|冒充|假冒|自称|公检法|"
     r"假警察|冒牌"),
    ("phishing", r"phish|verify your|your account|password|bank card|click|https?://|parcel|delivery|"
     r"点击|链接|验证码|中奖|快递|包裹|积分|银行卡|账户异常|冻结|钓鱼"),
    ("robocall", r"robo|recorded|automat|机器人|录音|语音机器|自动语音"),
    ("silent_call", r"silent|hang(?:s)? up|hung up|nobody (?:there|speaks)|响一声|不说话|无声|挂断|一声响"),
    ("survey", r"survey|questionnaire|poll|问卷|调查|民调"),
    ("telemarketing", r"telemarket|sales|sell|advert|promot|offer|insurance|推销|广告|促销|营销|卖房|楼盘|保险|装修|"
     r"办卡|培训|退订|拒收|拆|reply stop|txt stop|text stop"),
    ("loan_scam", r"scam|fraud|诈骗|骗子|骗"),
]  # fmt: skip
_CONDUCT = [
    ("threats", r"threat|kill|hurt (?:me|you)|威胁|恐吓|杀|弄死|打死|要我命"),
    ("insult_or_defamation", r"insult|abus(?:e|ive)|swear|curse|defam|辱骂|骂|侮辱|诽谤|脏话"),
    ("false_accusation", r"false(?:ly)? accus|诬告|诬陷|捏造"),
    ("witness_retaliation", r"retaliat|because i (?:reported|testified)|打击报复|报复"),
    ("repeated_intimidation", r"again and again|every (?:day|hour|minute)|non-?stop|all day|"
     r"\d+ (?:calls|times)|天天|每天|不停|反复|多次|连续|轰炸|几十个电话"),
    ("privacy_disclosure", r"(?:post|publish|leak|shar)\w* my|my (?:photo|address|id)s? (?:to|on)|泄露|曝光|"
     r"爆通讯录|p图|公开我"),
    ("contacted_third_parties", r"my (?:family|parents|mother|mum|mom|father|dad|wife|husband|boss|friends?|"
     r"employer|colleagues?)|家人|亲友|父母|朋友|同事|单位|通讯录|联系人"),
]  # fmt: skip
_CATEGORY_PATTERNS = [(name, re.compile(words, _I)) for name, words in _CATEGORIES]
_CONDUCT_PATTERNS = [(name, re.compile(words, _I)) for name, words in _CONDUCT]

# Somebody tells of calls: these words are hardly in what collectors and scammers send.
_TELLS = re.compile(
    r"(?<![a-z])(?:he|she|they|caller|it'?s|this (?:number|is)|keeps?|kept|called"
    r"|calling me|calls me|texted|harass"
    r"\w*|spam|scam\w*|fraud|report(?:ing)?|complain\w*|got a|received|block)(?![a-z])"
    r"|打给我|给我打|打来|来电|骚扰|骗子|诈骗|催收|举报|投诉|收到|发来|接到|这个号码|此号码"
    r"|该号码|一直打|拨打我|骂|威胁我|恐吓",
    _I,
)
# A message that somebody else wrote: the signature of Chinese SMS senders, the ways out of lists.
_FORWARDED = re.compile(
    r"^\s*(?:【[^】\n]{1,20}】|\[[^\]\n]{2,20}\])|【[^】\n]{1,20}】\s*$"
    r"|^\s*(?:fwd?|tr|转发|转)\s*[::]"
    r"|退订|拒收请?回|回复?\s?(?:t|td|n|r)\s?退|拒收|(?:reply|text|txt)\s+stop|unsubscribe"
    r"|opt[ -]?out",
    _I | re.MULTILINE,
)
_LINK = re.compile(
    r"https?://|www\.|(?:[a-z0-9-]+\.)+(?:com|cn|net|org|top|xyz|cc|info|co|me|ly)/", _I
)
_SMS = re.compile(r"短信|信息|(?<![a-z])(?:sms|texts?|texted|message)(?![a-z])", _I)
_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


def category_of(text: str) -> str:
    """A category of the public vocabulary; "other" when the words tell nothing."""
    return next((name for name, words in _CATEGORY_PATTERNS if words.search(text)), "other")


def conduct_of(text: str) -> tuple[str, ...]:
    return tuple(name for name, words in _CONDUCT_PATTERNS if words.search(text))


def tells(text: str) -> bool:
    """Whether somebody speaks of calls they got, rather than passing on a message."""
    return bool(_TELLS.search(text))


def is_forwarded(text: str) -> bool:
    return bool(_FORWARDED.search(text))


def has_link(text: str) -> bool:
    return bool(_LINK.search(text))


def speaks_of_sms(text: str) -> bool:
    return bool(_SMS.search(text))


def language_of(text: str) -> str:
    """zh-hans, en, or empty when there are no words."""
    if _CJK.search(text):
        return "zh-hans"
    return "en" if len(_LATIN.findall(text)) > 3 else ""


def letters_in(text: str) -> int:
    """How much is said, in letters; a Chinese character says about two."""
    return 2 * len(_CJK.findall(text)) + len(_LATIN.findall(text))
