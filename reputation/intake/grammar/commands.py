"""Recognizes what is said to the service rather than about a caller: keywords, and people's own
words."""

# ruff: noqa: E501 -- a class of words reads better in long lines

import re
from collections.abc import Iterator

from reputation.intake.grammar.cues import GOOD_EN, GOOD_ZH, MISTAKEN, UNDO_VERB
from reputation.intake.grammar.reading import Command

_END = r"(?:\s|[.!。~]|please|pls|now|again|thanks|吧|一下|谢谢|了)*"
# Keywords, alone in a message. Words that only answer our questions come last.
_KEYWORDS = [
    (Command.HELP, r"help|info|帮助|说明|\?"),
    (Command.STOP, r"(?:please |pls )?stop|stopall|unsubscribe|cancel|end|quit|退订|td|停止"),
    (Command.START, r"(?:please |pls )?start|unstop|resume|恢复|订阅|重新订阅|重新开始|开始"),
    (Command.UNDO, r"(?:please |pls )?undo|wrong|withdraw|撤销|撤回|取消|错了|不对"),
    (Command.DISPUTE, r"dispute|object|异议|申诉"),
    (Command.REPORT, r"1|(?:(?:yes|yeah|yep|ok|okay|sure|please|pls)\W+)*report(?: (?:it|them|him|her|this|that|this number))?|(?:(?:是的?|好的?|对|嗯|请)\W*)?举报(?:它|他|吧)?|我?要?举报(?:它|他)?"),
    (Command.LEGITIMATE, r"2|legit(?:imate)?|正常|正常号码"),
]  # fmt: skip
_LINK = r"(?:link|绑定|关联)"
_ERASE = r"(?:(?:please |pls )?erase(?: me| everything| all)?|(?:please |pls )?(?:erase|delete) (?:all )?my (?:data|account)|(?:请)?(?:清除|抹掉|删除)我的(?:所有|全部)?(?:数据|资料|个人信息|账号))"
_CODE = r"\s*[:#*]?\s*(?P<code>[a-z0-9][a-z0-9 -]{0,20})?\s*"
COMMANDS = [
    *((command, re.compile(rf"\s*(?:{words}){_END}")) for command, words in _KEYWORDS),
    (Command.LINK, re.compile(rf"\s*{_LINK}{_CODE}")),
    (Command.ERASE, re.compile(rf"\s*{_ERASE}{_CODE}")),
]

_LONGEST_COURTESY = 40
_LONGEST_WISH = 80  # characters; a longer message is about something else
_PLEASE = r"^\W*(?:(?:please|pls|plz|hi|hello|hey|can you|could you|kindly|sorry|ok|您好|你好|请|麻烦|请问|請問)[\s\W]*)*"
_WISHES = [
    (Command.LINK, rf"{_PLEASE}{_LINK}(?:我的|一下|到|my|the|this|to|an|phone|number|account|账号|账户|帐号|手机|号|[\s\W])+$"),
    (Command.STOP, r"(?:别|不要|不好(?=再)|不想|请勿)(?:再)?[^,]{0,4}(?:给我|跟我|向我)?[^,]{0,2}(?:发|传|寄|send|收到|回复?)(?:短信|信息|消息|我)?[^,]{0,6}$|(?:取消|停止)(?:短信|订阅|通知|发送|回复)"
     rf"|\b(?:stop|quit) (?:texting|messaging|mailing|e-?mailing|writing|sending|answering)\b|{_PLEASE}unsubscribe(?: (?:me|my|this|number|phone|from|please|pls|now|[\W\s])+)?$|(?:don'?t|do not) (?:text|message|mail|e-?mail|write|answer|send)\b|\bno more (?:texts|messages|mails|answers|replies)\b|opt me out|take me off|^(?:please |just )?leave me alone\W*$|(?:别|不要|不用)(?:再)?(?:烦我|回复?|联系我|理我)"),
    (Command.HELP, r"(?:怎么|咋)(?:用|弄|办|操作|使用|举报|投诉|查|发|写|才能知道|回事|取消标记)|如何(?:用|使用|举报|投诉|查|操作|知道)|怎样(?:用|举报|投诉|使用)|点样|你(?:们)?是(?:谁|干什么|干嘛|做什么|什么|啥|哪)|(?:这|你们)[^,]{0,4}(?:个?什么|啥|干什么|干嘛|做什么|什么(?:平台|服务|号|公司|软件|东西))|不会用|教我|使用方法|有什么用|有用吗|能干什么|能做什么|有人吗|在吗"
     r"|\bhow (?:do|does|can|to|should|would)\b[^,]{0,20}\b(?:report|work|use|file|complain|look|check|this)|\bwho (?:is|are) (?:this|you)|\bwhat (?:is|are|does) (?:this|you|it)\b|\binstructions?\b|\bwhat (?:can|do|should) (?:i|you|we) (?:do|send|write|text)|\bcan (?:you|u|someone|anyone) help|\bwho am i (?:texting|writing)|\bhow it works|\bi need help\b|\bhelp me\b|\bcommands\b|\bw(?:h|u)?[au]?t do (?:i|u|you)\b|\bwhat do i (?:put|say|type|send|do)\b|\bnot good with (?:phones|computers)"),
]  # fmt: skip
WISHES = [(command, re.compile(words, re.MULTILINE)) for command, words in _WISHES]
_UNDO_ALONE = re.compile(
    r"不作数|作罢|当我没(?:说|发|报)|手误|(?:举报|发|弄|搞|按|点|报|写|输|填)错(?!了吗)|误报|误操作|手滑|不算(?:数|了|吧|\W|$)|(?<!拒)收回(?![^,]{0,4}[钱款贷债])|撤(?:销|回|掉|了)|取消(?:[^,]{0,4}(?:举报|投诉)|上|刚)|上一?[条个][^,]{0,4}(?:取消|删|不算|撤)|删(?:掉|除)(?![^,]{0,4}(?:[账帐][号户]|好友|微信|软件|app))"
    r"|\b(?:undo|unreport)\b|\bwithdraw\b|\bretract\b|(?:take|took) (?:it|that|this|my (?:last |latest |earlier )?\w+) back|(?:cancel|delete|scrap|remove|ignore|disregard) (?:it|that|this|the last|last|previous|my (?:\w+ )?(?:report|complaint|message|msg|text|entry|submission|listing|last|previous|earlier))\b|(?:made|was) a mistake|\bby mistake\b|\bmy mistake\b|\bscratch that|\b(?:nvm|never ?mind|forget (?:it|that|what i said))\W*(?=$|[.,!;\n])|\btake (?:it|that|this) all back|\bdisregard\b|\brescind\b|\bsent to (?:the )?wrong"
)
_UNDO_ELSEWHERE = re.compile(r"\b(?:tarik balik|batalkan|take am back)\b", re.ASCII)
# Ahead of a wish, in its clause: the sender does not want it, or a caller does.
_OTHERS_EN = (
    r"(?:\b(?:he|she|they|it|caller|collectors?|scammers?|man|woman|guy|bloke|chap|lad|dude|fella|lady|company|agency"
    r"|lenders?|agents?|people|someone|somebody|dia|mereka)\b|№)"
)
_OTHERS_ZH = r"(?:[他她]们?|那[帮些伙个]?人?|对方|骗子|催收|那边|客服|公司|平台|警察|民警|有人|№)"
_NOT_MEANT = re.compile(
    r"(?:\b(?:do|did|does|wo|would|should|is|was|were|ca|ai)(?:n'?t| not)|\b(?:will not|cannot|never|not|nor|without|refuse to"
    r"|nothing about|no (?:dey|go|fit|wan)|make una no)"
    r"|(?<![都就可能要想会])(?:别|不要|不会|不想|不用|不能|不是|没有?|未|绝不|不肯|不愿|拒绝|莫|勿|不))"
    r"(?: (?:want|wish|going|ever|please|you|to|a|an|the|my|have|be|need|by|so|report|really|actually|ask|asked|tell|told|say|said))*"
    r"(?:再|去|要|想|把|给我|帮我|给|说|让|叫|同意|答应|打算|你们?)* ?$"
    rf"|{_OTHERS_EN}"
    r"[^.,!?;\n]{0,30}\b(?:told|tells?|said|says?|saying|asked|asks?|asking|wants?|wanted|made|makes?|making|forc\w+|threat\w+"
    r"|demand\w*|order\w*|begg?\w*|pressur\w*|insist\w*|suruh|paksa|if)\b[^.,!?;\n]{0,30}$"
    rf"|{_OTHERS_ZH}[^,。!?;\n]{{0,6}}(?:让|叫|要|求|劝|吓|骗)(?:我|你)[^,。!?;\n]{{0,8}}$"
    r"|(?:威胁|逼|强迫|恐吓)我[^,。!?;\n]{0,6}$",
    re.ASCII,
)
# Who has deleted something: "my mum deleted the message", 我妈把短信删了. "I'd like my report deleted" asks for it.
_DONE = re.compile(r"(?:\w+(?:ed|es|s)|withdrew|.*[了掉])$", re.ASCII)
_BY_WHOM = re.compile(
    rf"(?:\b(?:i|we|he|she|they|somebody|someone|who)|\b(?:my|our|his|her|the) (?:\w+ ){{0,2}}?(?:{GOOD_EN}|maid|child\w*|baby"
    r"|phone|mobile|app))(?:'ve|'s)?(?: (?:have|has|had|just|already|also|then|accidentally|don|automatically|even))* $"
    rf"|(?:{GOOD_ZH}|[他她]们?|小孩|手机|系统|别人|有人)[^,。!?]{{0,3}}[把将给][^,。!?]{{0,6}}$"
    r"|(?<![请让叫帮烦])(?:[爸妈爷奶婆公弟妹姐哥]|儿子|女儿|孩子|小孩|手机|系统|[他她]们?)(?:已经?|又|不小心|自动)*$"
    r"|我(?:已经?|刚刚?|刚才|不小心)+把(?!举|投|那|这)[^,。!?]{{0,6}}$",
    re.ASCII,
)
# Questions about a command: "how do I undo", "what does STOP do". "Can you undo it?" gives it.
_TAKING_BACK_EN = (
    r"(?:\b(?:undo|withdraw|retract|batal\w*)\b|\b(?:cancel|delete|remove|take back)\b[^.!?\n]{0,12}\b(?:report|complaint)"
    r"|\btake\b[^.!?\n]{0,12}\bback\b)"
)
_TAKING_BACK_ZH = (
    r"(?:撤[销回]|取消[^,。!?]{0,4}(?:举报|投诉)|(?:举报|投诉)[^,。!?]{0,4}(?:取消|删)|退订|绑定)"
)
_ASKS_HOW = re.compile(
    r"(?:\bhow (?:do|can|to|would|does|should|could|i)\b|\bwhat(?:'s| is| does| do| if| happens)\b|\bwhen (?:can|do)\b|\bwhy\b"
    r"|\b(?:does|did you)\b|\bwould\b(?! you| u\b| like)|\bpaano\b|\bmacam mana\b)"
    rf"[^.!?\n]{{0,40}}{_TAKING_BACK_EN}"
    rf"|\bcan i\b[^.!?\n]{{0,12}}{_TAKING_BACK_EN}[^.!?\n]{{0,20}}\b(?:later|if)\b"
    rf"|(?:怎么|怎样|如何|咋|点样|什么|啥)[^,。!?]{{0,6}}{_TAKING_BACK_ZH}"
    rf"|{_TAKING_BACK_ZH}[^,。!?]{{0,6}}(?:什么|啥|怎么用|怎样用|咋用|会怎|干嘛|干什么)"
    rf"|(?:如果|要是|是不是|会不会)[^,。!?]{{0,4}}[发传回按打输][^,。!?]{{0,4}}{_TAKING_BACK_ZH}|[发传回]\"?{_TAKING_BACK_ZH}[^,。!?]{{0,6}}(?:是不是|会不会)",
    re.ASCII,
)
_KEYWORD_NAMED = re.compile(r"\b(?:UNDO|STOP|LINK|START|DISPUTE|ERASE|REPORT)\b", re.ASCII)
_QUESTION = re.compile(
    r"\?|\b(?:how|what|what's|whats|why|explain|difference|should i|paano|para saan|ano|apa|nini)\b|什么|啥|怎么|吗|会怎",
    re.ASCII,
)
_SUPPOSED = re.compile(
    r"\bif i\b|\bwould\b(?! you| u\b| like)|\bwhat (?:does|happens)\b|如果|要是|会怎", re.ASCII
)
_FOR_US = re.compile(
    r"\b(?:can|could|would|will) (?:you|u)\b(?! explain| tell)|\b(?:please|pls|plz)\b", re.ASCII
)
# Whom the sender wants to be left in peace by: "make him stop texting me".
_BY_OTHERS = re.compile(
    r"\b(?:he|she|they|them|him|her|it|caller|collectors?|scammers?|people|man|woman|guy|company)\b[^.,!?;\n]{0,20}$"
    r"|(?:他|她|它|对方|骗子|催收|人家|那边|有人)们?[^。!?;\n]{0,14}$",
    re.ASCII,
)
# Mistakes of a sender that are no mistaken report: what was paid, opened, told to the caller.
_LOSS = re.compile(
    r"\b(?:paid|pay|gave|give|money|pin|card|bank|click\w*|link|trust\w*|lost|answered|picked up)\b"
    r"|[转付钱卡]|链接|密码|验证码|相信|上当|接了"
)
_MISTAKE = re.compile(r"错|误|手滑|收回|mistake")
_ASKED = re.compile(r"\?|^\W*(?:did|was|is|have|had) ")


_COURTESY = re.compile(
    r"^\W*(?:(?:many )?(?:thank|thanks|thx|tks|tq|ty|ta|terima kasih|ay|salamat|asante(?:ni)?|shukriya|dhanyava\w+|cheers|much appreciated|good (?:morning|evening|afternoon|night|day)|ok|okay|great|perfect|lovely|bless)\b[\w ,'!.]*|(?:非常|十分|太|真|实在)?(?:早上好|晚上好|下午好|早安|晚安|谢谢|多谢|感谢|感恩|不该|辛苦|好的|收到|你好|您好|早)[^,]{0,12}[,!。]?[^,]{0,8})\W*$"
)


# Thanks in more words, which ask for nothing and complain of nothing.
_THANKS = re.compile(
    r"^\W*(?:(?:ok|okay|great|oh|many|好的?|非常|太|真是)\W*)*(?:thanks?|thank (?:you|u)|thx|tks|tq|cheers|terima kasih|salamat|asante(?:ni)?|谢谢|多谢|感谢|感恩|辛苦)"
    r"(?!.*(?:\?|n't|\b(?:but|not|no|nothing|why|how|what|when|still|ring\w*|rang|started|back|phon\w*|call\w*|text\w*|scam\w*|report\w*|number|stop|block|money|help me)\b|但|可是|不过|怎么|还|没|不|吗|电话|号|举报|投诉|骗|骚扰))"
    r"[^\d]{0,60}$"
)


def is_thanks(view: str) -> bool:
    return bool(_THANKS.search(view))


def is_courtesy(view: str) -> bool:
    """Whether it is thanks or a greeting, which asks for nothing."""
    return len(view) <= _LONGEST_COURTESY and bool(_COURTESY.match(view))


def asks_about_commands(text: str, view: str, *, only_supposed: bool) -> bool:
    """Whether a message asks how a command works, or what it does, instead of giving it.
    `only_supposed`: not where it names a number that the sender may want to take back ("how do I
    undo №, it was my vet")."""
    if only_supposed and not _SUPPOSED.search(view):
        return False
    if _ASKS_HOW.search(view):
        return True
    named = _KEYWORD_NAMED.search(text) and not text.isupper()
    return bool(named and _QUESTION.search(view) and not _FOR_US.search(view))


def wish(view: str) -> Command | None:
    """The command that a message without a number asks for in its own words."""
    if len(view.strip()) > _LONGEST_WISH:
        return None
    for command, words in WISHES:
        found = words.search(view)
        if found and not (command is Command.STOP and _BY_OTHERS.search(view, 0, found.start())):
            return command
    return Command.UNDO if _UNDO_ALONE.search(view) and wants_undo(view) else None


def wants_undo(view: str) -> bool:
    """Whether a message without a number that speaks of taking a report back asks for it: not where
    its sender will not, where a caller asks for it, or where the mistake was another."""
    another = bool(_LOSS.search(view) or _ASKED.search(view))
    return any(
        not is_declined(view, each) and not (another and _MISTAKE.search(each[0]))
        for each in _of_undo(view)
    )


def declines_undo(view: str) -> bool:
    """Whether the sender will not take a report back, or only tells that a caller asks for it."""
    found = list(_of_undo(view))
    return bool(found) and all(is_declined(view, each) for each in found)


def is_declined(view: str, found: re.Match[str]) -> bool:
    """Whether the words ahead of what was found say that it is not wanted, that a caller wants it,
    or that somebody did it."""
    ahead = max(found.start() - _LONGEST_WISH, 0)
    if _DONE.match(found[0]) and _BY_WHOM.search(view, ahead, found.start()):
        return True
    return bool(_NOT_MEANT.search(view, ahead, found.start()))


def _of_undo(view: str) -> Iterator[re.Match[str]]:
    """The words that speak of taking a report back."""
    for words in (_UNDO_ALONE, UNDO_VERB, _UNDO_ELSEWHERE, MISTAKEN):
        yield from words.finditer(view)
