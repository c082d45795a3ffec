"""Finds in words the kind of call, the acts in it, the language, and whether the sender tells about
calls or forwards somebody else's message. Hints only: a moderator sees the text."""

# ruff: noqa: E501 -- a line a category reads better than the same in pieces

import re

_I = re.IGNORECASE

# The first match decides, so grave ones come first.
_CATEGORIES = [
    ("threat", r"threat(?!en(?:s|ed|ing)? (?:me )?(?:to|with) (?:garnish|sue|legal|court|a lawsuit))|break (?:my|your|his|her|our) (?:leg|arm|neck|bone|face)|(?<![a-z])(?:kill|shoot|stab(?!il|l))|hurt (?:me|you|my)|beat (?:me|you)|burn (?:down|my)|威胁|恐吓|吓唬|杀|弄(?:死|你|他|残)|整死|打断|打死|砍(?!头息)|报复|上门(?:找|打|泼|闹|搞|弄)|[来去][你我](?:家|公司|单位|学校)|堵(?:我|你|门)|你家等着|泼油漆|"
     r"狠话|扬言|收拾(?:我|你)|爆[^,]{0,4}通[讯信]录|搞(?:我|死)|知道我[^,]{0,6}(?:住|上学|上班)|要[^,]{0,3}好看|(?:going to|gonna|will) (?:find|get|come for) (?:me|us)|knows? where (?:i|we) live|blackmail|extort|敲诈|勒索|裸照"),
    ("illegal_collection", r"collect(?:or|ion|ing)|debt|overdue|repay|bailiff|repo man|past due|(?<![a-z])owe(?![a-z])|payday|medical bill|催收|催债|讨债|追债|逼债|催款|催(?:我|还|着|缴|他|她|债|的|了|$)|再催|别催|逾期|欠款|欠钱|欠债|欠[^,]{0,4}(?:钱|款|贷|债)|还款|还(?:网贷|钱|贷)|老赖|暴力催|呼死你|(?<!再)(?<!归)不还(?!价)|追[债数账]|(?:找|问|跟|向)我(?:们|家)?(?:要|拿)(?:钱|债|账|$)|(?:打|闹|找)到我?[^,]{0,4}(?:单位|公司|学校|连队|村)|deadbeat|arrears|garnish|(?:must|have to|has to) pay|债务"),
    ("impersonation", r"pretend|imperson|posing as|claim(?:s|ed|ing)? to be|fake (?:police|bank|apple|support)|support (?:con|scam)|says? (?:he|she|they|it)(?:'s|'re| is| are|re|s)? (?:from|with) |"
     r"冒充|假冒|自称|公检法|假警察|冒牌|假装|假扮|说(?:他|她)?是(?:公安|警察|法院|银行|社保|医保|客服|领导)|装(?:客服|警察|成)|sheriff|warrants?(?![a-z])|(?:has|have|got|had) a virus|tech support|冒我"),
    ("telemarketing", r"telemarket|cold ?call|推销|推广"),
    ("loan_scam", r"(?<![a-z])(?:loan|lend(?:er|ing))|credit line|贷款|借款|网贷|放款|额度|征信|套路贷|砍头息|高利贷|小额贷|低息"),
    ("phishing", r"phish|verify your|your account|account has been|passw|passcode|bank (?:card|acc\w*|details)|card (?:number|details)|click|dodgy link|missed (?:a |your )?(?:delivery|parcel)|https?://|parcel|package|deliver\w* fee|social security|gift card|medicare|(?:a|the|my|security|verification|back a) code|one-time|(?<![a-z])otp|press (?:1|one)|hacked|"
     r"点击|点链接|链接|验证码|中奖|领奖|领补贴|快递|包裹|积分|银行卡|卡号|账户异常|冻结|停用|失效|钓鱼|扫码|共享屏幕|下载[^,]{0,3}app|安全账户|转账|转钱|汇款|理赔"),
    # Not what the sender recorded, and wants recorded.
    ("robocall", r"(?<![a-z])robo|(?<!\bi )(?<!\bwe )(?<!'ve )(?<!have )(?<!him )(?<!her )(?<!them )(?<!\bit )recorded(?! (?:as|him|her|them|it)(?![a-z]))|automat|机器人|(?<![有我了留存])(?<!通话)(?<!保留)(?<!提供)(?<!全程)录音(?![为作]?证|了|笔|我)|语音机器|自动语音|智能语音|ai语音|语音电话"),
    ("silent_call", r"silent|(?:hang(?:s|ing)? up|hung up)(?! (?:when|whenever|if|once|after|as soon as|the (?:moment|minute)|every time) (?:i |we |you |he |she )?(?:\w+ )?(?:ask|sa(?:id|y)|t(?:ell|old)|question|challeng|mention|request))|breath(?:es|ing)|nobody (?:there|speaks)|says nothing|dead air|whisper|never speaks|响一声|不说话|不出声|无声|没声|没人说话|挂断|(?<!问)就挂|一声响|没声音"),
    ("survey", r"survey|questionnaire|(?<![a-z])poll(?:s|ing|ster)?(?![a-z])|问卷|调查(?!处)|民调|民意"),
    ("telemarketing", r"telemarket|cold ?call|(?<![a-z])(?:sales|sell)|advert|promot|offer|(?<!national )insurance|warranty|solar|double glazing|timeshare|insulation|windows|boiler|roof|gutter|broadband|energy deal|funeral plan|推销|广告|促销|营销|卖|楼盘|保险|装修|"
     r"办卡|培训|退订|拒收|拆|套餐|保健品|墓地|理财|股票|信用卡|商铺|留学|发票|reply stop|txt stop|text stop"),
    # Exposure before others, or the money owed, shows debt collection.
    ("illegal_collection", r"照片p|p图|群发|通[讯信]录|欠"),
    ("loan_scam", r"scam|fraud|诈骗|骗子|骗"),
]  # fmt: skip
_CONDUCT = [
    ("threats", r"threat|(?<![a-z])(?:kill|shoot|stab(?!il|l))|hurt (?:me|you|my)|beat (?:me|you)|knows? where (?:i|we) live|威胁|恐吓|吓唬|杀|弄死|打死|砍(?!头息)|要我命|要[^,]{0,6}命|爆[^,]{0,4}通[讯信]录|上门(?:打|泼|闹|搞)|泼油漆|狠话|扬言|收拾(?:我|你)|搞(?:我|死)"),
    ("insult_or_defamation", r"insult|abus(?:e|ive)|(?<![a-z])(?:swear|swore|curs(?:e|ing)|cuss|rude)|defam|vulgar|name-?calling|辱骂|骂|侮辱|诽谤|脏话|老赖"),
    ("false_accusation", r"false(?:ly)? accus|诬告|诬陷|捏造"),
    ("witness_retaliation", r"retaliat|because i (?:reported|testified)|打击报复|报复"),
    ("repeated_intimidation", r"again and again|every (?:single )?(?:day|hour|minute|night|morning)|non-? ?stop|all (?:day|night)|constantly|over and over|repeatedly|keeps? (?:on )?(?:calling|ringing|texting)|"
     r"won'?t stop|天天|每天|整天|成天|日日|不停|反复|多次|好几次|连续|轰炸|轮番|没日没夜|没完没了|一直打|狂打|连打|呼死你"),
    ("privacy_disclosure", r"(?:post|publish|leak|shar)\w* my|my (?:photo|address|id)s? (?:to|on)|nudes|泄露|曝光|公布我|"
     r"爆[^,]{0,4}通[讯信]录|p图|照片[^,]{0,2}p|公开我|裸照|发我(?:的)?(?:身份证|照片|裸照)|群里发"),
    ("contacted_third_parties", r"my (?:family|parents|mother|mum|mom|father|dad|wife|husband|boss|friends?|sisters?|brothers?|son|daughter|grand\w+|neighbou?rs?|"
     r"employer|colleagues?|work|facebook friends)|家人|亲友|亲戚|父母|朋友|同事|单位|公司领导|领导那|通[讯信]录|联系人|支书|村委|居委|邻居|打(?:我)?(?:爸|妈|老婆|老公)|(?:打给|打到|骂|发给|找|骚扰)(?:我)?(?:爸|妈|老婆|老公|爱人|孩子|儿子|女儿|邻居|学校|公司)|我(?:妈|爸|老婆)和我"),
]  # fmt: skip
_CATEGORY_PATTERNS = [(name, re.compile(words, _I)) for name, words in _CATEGORIES]
_CONDUCT_PATTERNS = [(name, re.compile(words, _I)) for name, words in _CONDUCT]

# Many messages mention families and friends, and nurses call every day: no accusation.
_TOPICS = frozenset({"contacted_third_parties", "repeated_intimidation"})
OFTEN = dict(_CONDUCT_PATTERNS)["repeated_intimidation"]
# Acts known to the law: a threat, an insult, a debt told to others.
ACTS = [words for name, words in _CONDUCT_PATTERNS if name not in _TOPICS]

# The sender tells about calls: these words hardly occur in messages of collectors and scammers.
_TELLS = re.compile(
    r"(?<![a-z])(?:he|she|they|caller|it'?s|this (?:number|is)|keeps?|kept|called"
    r"|calling me|calls me|texted|harass"
    r"\w*|spam|scam\w*|fraud|report(?:ing)?|complain\w*|got a|received|block)(?![a-z])"
    r"|打给我|给我打|打来|来电|骚扰|骗子|诈骗|催收|举报|投诉|收到|发来|接到|这个号码|此号码"
    r"|该号码|一直打|拨打我|骂|威胁我|恐吓|(?:让|叫|骗|逼|吓|催|找|问)我|我(?:妈|爸|爷|奶|老婆|老公|儿子|女儿|被|没)",
    _I,
)
# A message by somebody else: the signature of Chinese SMS senders, or how to unsubscribe.
_FORWARDED = re.compile(
    r"^\s*(?:【[^】\n]{1,20}】|\[[^\]\n]{2,20}\])|【[^】\n]{1,20}】\s*$"
    r"|^\s*(?:fwd?|tr|转发|转)\s*[::]"
    r"|退订|拒收请?回|回复?\s?(?:t|td|n|r)\s?退|拒收|(?:reply|text|txt)\s+stop|unsubscribe"
    r"|opt[ -]?out",
    _I | re.MULTILINE,
)
_LINK = re.compile(
    r"https?://|www\.|(?<![a-z0-9.-])(?:[a-z0-9-]{1,63}\.){1,5}(?:com|cn|net|org|top|xyz|cc|info|co|me|ly)/",
    _I,
)
_SMS = re.compile(r"短信|信息|(?<![a-z])(?:sms|texts?|texted|message)(?![a-z])", _I)
_ANY_LANGUAGE = re.compile(
    r"(?<![a-z])(?:undo|(?:un)?stop(?:all)?|start|help|report|dispute|spam vocal|ljdxjb"
    r"|link(?:\s+[a-z0-9][a-z0-9 -]{5,14})?|erase(?:\s+(?=\S*\d)[a-z0-9]{5}[ -]?[a-z0-9]{5})?)(?![a-z])",
    _I,
)
_CJK = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")


def category_of(text: str) -> str:
    """A category of the public vocabulary; "other" if the words show none."""
    return next((name for name, words in _CATEGORY_PATTERNS if words.search(text)), "other")


def conduct_of(text: str) -> tuple[str, ...]:
    return tuple(name for name, words in _CONDUCT_PATTERNS if words.search(text))


def tells(text: str) -> bool:
    """Whether the sender tells about calls, rather than forwarding a message."""
    return bool(_TELLS.search(text))


def is_forwarded(text: str) -> bool:
    return bool(_FORWARDED.search(text))


def has_link(text: str) -> bool:
    return bool(_LINK.search(text))


def speaks_of_sms(text: str) -> bool:
    return bool(_SMS.search(text))


def language_of(text: str) -> str:
    """zh-hans, zh-hant, en, or "" without words: the service's keywords belong to any language."""
    if chinese := _CJK.findall(text):
        # Each script has characters that the other's old character set lacks.
        simplified = sum(_lacks("big5hkscs", char) for char in chinese)
        traditional = sum(_lacks("gb2312", char) for char in chinese)
        return "zh-hant" if traditional > simplified else "zh-hans"
    return "en" if len(_LATIN.findall(_ANY_LANGUAGE.sub(" ", text))) > 3 else ""


def _lacks(charset: str, char: str) -> bool:
    return not char.encode(charset, "ignore")


def letters_in(text: str) -> int:
    """How long a text is, in letters; a Chinese character counts as about two."""
    return 2 * len(_CJK.findall(text)) + len(_LATIN.findall(text))
