"""The scopes of words that are not the sender's own statement: quoted, supposed, feared, conceded,
forwarded, or ironic.

The functions search a view (view.py), in which each number is written as NUMBER.
"""

import re

from reputation.intake.grammar.cues import any_of

# After these words somebody else speaks, and what they call themselves proves nothing.
SAID = any_of(
    r"(?<!没)(?<!没有)(?<!未)(?:自称|声称|谎称|冒充|假冒|假装|假扮|装作|装成"
    r"|装(?!修)(?=[^,]{0,4}(?:客服|警察|银行|公安|领导|快递|熟人|我))|伪装|扮成|自己说"
    r"|(?<![小听])说(?!清|好|明|错|法|了|服|不要)|号称|告诉我|问我|叫我|让我|骗我|劝我|要我"
    r"|跟我讲|对我讲)",
    r"(?<!i )(?<!we )(?<!never )(?<!n't )(?<!not )\b(?:says?|said|sayin\w*|claim\w*"
    r"|pretend\w*|impersonat\w*|posing as|told (?:me|us|my|him|her|them|grand\w+)"
    r"|tells? (?:me|us)|ask(?:s|ed|ing)? (?:me|us|my|if|for|who|why|what|how)|supposedly"
    r"|allegedly)\b",
)
# A scope ends where the sender's own statement begins again.
SUPPOSED = any_of(
    r"^\s*(?:如果|假如|要是|万一|假设)|(?:谁|没人|没有人)(?:说|讲)|我[^,]{0,4}没(?:有)?说"
    r"|(?:网上|别人|人家|有人|人人|大家|邻居|朋友|同事|他们)[^,]{0,3}(?:说|讲|传)[^我]"
    r"|(?<![我想要])(?<!你们)(?<!客服)(?<!平台)(?:说|讲|传|听说|听人讲|报道|爆料|发)\s*№"
    r"|(?:新闻|电视|网上|抖音|群里|朋友圈|报纸|警方|民警)(?!客服)[^,]{0,3}(?:说|讲|传|报|提醒)",
    r"^\s*(?:if|in case|suppose|assuming|what if)\b"
    r"|\b(?:people|they|some|everyone|everybody|folks?|others|internet|google|neighbou?rs?"
    r"|friends?) (?:\w+ )?(?:call(?:s|ed)?|says?|said|think|thinks|claim) (?:that )?(?:№"
    r"|(?:it|he|she|him|her|them|this|that)\b)"
    r"|\bi (?:never|did(?:n\'t|nt| not)) (?:say|said|call|called)\b"
    r"|(?<!\bi )(?<!\bi'd )\b(?:says?|said|reckons?|thinks?|claims?|told me|heard|read|saw"
    r"|swears?)\b(?: (?:that|on|in|the|a|my|our|facebook|nextdoor|news|internet|group))* №",
)
# What nearly happened, and what is feared: such a clause accuses nobody.
NEARLY = any_of(r"差(?:点|一点)|险些|我怕|我担心", r"\b(?:nearly|almost)\b")
# The sender concedes that the caller has a reason, or that they asked for the call.
CONCEDED = any_of(
    r"(?:骂|催|说|管|打)得(?:对|好|有理)|应该的|我(?:确实|的确|是真的?)(?:欠|该|被)|确实欠"
    r"|(?:是|怪)我(?:自己|先)?(?:不对|的错|忘|不好|欠)|我(?:让|叫|请|约|委托)(?:他|她|它|他们)"
    r"|我(?:委托|约|请)的",
    r"\b(?:fair enough|(?:my|our) (?:own )?fault|i (?:asked|told|hired|invited) "
    r"(?:him|her|them) to"
    r"|i (?:forgot|missed (?:a |my |the )?(?:pay|rent|bill|appoint|practi)\w*)"
    r"|(?:he|she|they) (?:was|were|is|are)(?:'s|'re)? right|i (?:do|did|really) owe"
    r"|(?:as|because|cos|cause|since) i (?:was|am|had"
    r"|owe|asked|forgot|missed|left)|to pay me|i asked for)\b",
)
# The next clause is then supposed too.
CONSEQUENCE = any_of(
    r"^\s*(?:那)?我?(?:就|要|会|再|马上|立刻|一定)", r"^\s*(?:then )?i(?:'ll| will|'m going to)\b"
)
# Circulating warnings: their readers were not called.
PASSED_ON = any_of(
    r"(?:请|都|大家|求|帮忙?|互相|快)?(?:转发|转告|扩散|转给)(?!自)|原始邮件"
    r"|群里(?:看到|有人|都|转)",
    r"\bpass (?:it|this|that|the word) on\b"
    r"|\b(?:please|pls|everyone) (?:please )?(?:share|forward)\b"
    r"|\bpaki-?share\b|\b(?:pa|i-)share\b|\b(?:tolong|sila) (?:share|kongsi|sebar\w*)\b"
    r"|\bforward karo\b"
    r"|\bf(?:or)?wa?r?d(?:ed)? from (?:my|a|the)\b|\bshare this\b|\bcopied from\b"
    r"|\b(?:forwarded|original) message\b|\bspread the word\b",
)
ONCE_BELIEVED = any_of(
    r"以为|误会|乌龙|(?:都|给|就|人)?(?:搞|弄|认|看)错|当成|冤枉|误伤|冤",
    r"\b(?:thought|assumed|believed|suspected|mistook|mistaken|wrong about|false alarm"
    r"|confused|worried)\b",
)
WRONGLY_SAID = re.compile(
    r"的(?:人|都|全)*(?:搞|弄|看|认|说)错了?\W*$|(?:纯属|完全是|都是)(?:误会|谣言)"
)
# Marked, blocked, reported by others, which the sender complains about.
FLAGGED = any_of(
    r"(?:被|遭)[^,]{0,8}?(?:标记|误标|标成|标为|举报|拦截|投诉|列|屏蔽|拉黑|当成|当作|封)"
    r"|(?:咋|怎么)(?:就|会|又)?(?:变?成|标)(?:了)?(?:诈骗|骗子|骚扰|推销)"
    r"|误标|标成|标为|标记成|误伤|(?:显示|提示|变成|说成|挂|认成|打上|标)(?:是|为|成|了|出"
    r"|着|上|个)*(?:诈骗|骚扰|推销|广告|骗子|垃圾|高?风险|疑似|可疑)"
    r"|说(?:我|我们|咱)?是(?:诈骗|骚扰|骗子|推销)|被[^,]{0,4}(?:人)?挂|标我"
    r"|(?:取消|解除|去掉|消除|移除)[^,]{0,6}标记",
    r"\b(?:have|has|got|list\w*|show\w*|mark\w*|put) (?:him|her|it|them|me|us|№) (?:down "
    r"|up )?as\b|\b(?:marked|flagged|listed|label+ed|tagged|shown|show(?:s|ing)?(?: up)?"
    r"|reported|comes? up|blacklisted|categori[sz]ed)"
    r"(?: \w+){0,2} (?:as|for)\b|\b(?:wrongly|falsely|mistakenly|incorrectly|unfairly)\b"
    r"|\b(?:been|being|is|was|are|got|gets?|it'?s|its)"
    r" (?:wrongly )?(?:flagged|marked|listed|blocked|blacklisted)"
    r"|\b(?:marked|flagged|labell?ed|listed|says?) (?:as )?(?:a )?(?:spam|scam)|"
    r"\b(?:says?|said|saying|shows?|showing|display\w*|think|thinks|calls?|calling"
    r"|believes?) (?:up )?(?:as )?(?:that )?(?:me|us|i'm|im|i am|we're|we are"
    r"|it'?s)? ?(?:an? )?(?:scam|spam|fraud|telemarket)\w*(?: likely| risk)?"
    r"|(?:you|they) (?:are|'re|re|keep) (?:blocking|flagging|marking)",
)
# Words that mean their opposite: "yeah right, a scammer, and I'm the queen".
IRONY = any_of(
    r"\b(?:and?|then) (?:i'?m|i am|my \w+(?: is|'s)) the \w+|\bpigs \w+ fly"
    r"|\b(?:oh no the|yeah right|yeah sure)\b",
)
SARCASM = any_of(
    IRONY.pattern,
    r"呵呵|🙄|😂|🤡|🤣",
    r"\b(?:oh sure|yeah right|yeah sure|totally|sure,|suuure|so-called|of course it is)\b",
    r'"[^"\n]{1,20}"',
)
# Words of senders about themselves, which say nothing for the caller: "I am a nurse, and they wake
# me".
SELF = any_of(
    r"^\W*(?:我|俺|咱|本人)(?:是|系|乃|就是)(?:一[名个位]|执业|退休|做|开|在|从事)[^№]*$",
    r"^\W*(?:\w+ )?(?:i am|i'm|im|as|we are|we're) an? [^№]*$",
)
# Words in quotation marks that a screen or a list shows are not the sender's.
SHOWN = re.compile(
    r"(?:\b(?:says?|said|shows?|showing|reads?|labell?ed|marked|tagged|listed|calls?|called)\b"
    r"|显示|写着?|标[着为成记]?|提示|备注|弹出|所谓)[^\"\n№]{0,6}\"[^\"\n]{1,30}\""
)
# Words in favour of a number or its calls, or against those who accuse it. Beside an accusing word
# they leave open which is meant.
PRAISED = any_of(
    r"童叟无欺|好人|好心|热心肠?|靠谱|信得过|诚信|厚道|(?:真|正规)(?:公司|单位|机构|银行|警察)"
    r"|(?:钱|款|费)[^,]{0,4}(?:全|都|如数)?退(?:给我|回来|了)|没(?:有)?(?:骗|坑|乱)"
    r"|说(?:他|她|它|人家|这家)[^,]{0,4}(?:骗|坑|诈)[^,]{0,3}的"
    r"|(?:骚扰|诈骗|骗|坑)(?:个)?(?:啥|什么|甚)|(?:同行|对头|竞争对手)",
    r"\b(?:good|nice|lovely|decent|correct|honest|kind|sound|great) "
    r"(?:man|guy|people|lad|lass|woman|lady|person|folks?|fella|fellow|bloke|one|company)\b"
    r"|\b(?:no wahala|genuine(?:ly)?|honest(?:ly)? (?:man|people)|word against|true person)\b"
    r"|\b(?:refunded|repaid|paid (?:me|us) back|gave (?:me|us) back)\b"
    r"|\b(?:did(?:n't| not)|never|didnt) (?:once )?(?:sell|ask|take|want|charge|try|cheat"
    r"|scam|lie)\w* (?:me |us |to |for )*(?:any\w*|a|nothing|nowt|sell)\b"
    r"|\bbut (?:that'?s|it'?s|it is|he'?s|she'?s|they'?re|this is|its) "
    r"(?:the|my|our|just|only|actually|really|a real)\b",
)
# Questions with alternatives, also in languages that people mix in.
CHOICE = re.compile(r"\b(?:or (?:no|nah|naw|nae|not|what|wot)|o no|y/n|yes or no)\b\W*(?:$|[a-z])")
# A question that the caller asked is not the sender's; nor is a repeated refusal.
CALLER_ASKED = re.compile(
    r"(?<![请想询])(?<!打听)问(?!一?下|你们|问|题|大家)[^,]{0,12}(?=要不要|是不是|有没有|需不需要|能不能|买不买)"
)
REFUSED = re.compile(r"不(.)(?:了)?不\1")
