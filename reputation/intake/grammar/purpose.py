"""What a message wants of us, number by number: to report, to ask, to defend, to take back.

A text is cut into clauses; in each, classes of cues are looked for, every one with its scope: what
somebody else said, what is denied, what is asked, what is supposed. Only words that accuse, outside
of those, make a report. In doubt a purpose is UNCLEAR, and the sender is asked.
"""

# ruff: noqa: E501 -- a class of words reads better in long lines

import re
from dataclasses import dataclass, field
from enum import StrEnum

from reputation.intake.grammar import words
from reputation.intake.grammar.counts import REPEATED, find_count
from reputation.intake.grammar.spelling import spelled
from reputation.intake.grammar.view import NUMBER as N


class Purpose(StrEnum):
    REPORT = "report"
    QUESTION = "question"  # who or what is it?
    LEGITIMATE = "legitimate"  # it is somebody's dentist
    STOPPED = "stopped"  # the calls have ended
    UNDO = "undo"  # take my report back
    OWN = "own"  # it is the sender's
    UNCLEAR = "unclear"
    BARE = "bare"  # a number, and nothing that says a thing


def _any(*classes: str) -> re.Pattern[str]:
    # ASCII: a word of English ends where Chinese begins.
    return re.compile("|".join(classes), re.ASCII)


# --- What people call a bad number, a good one, and what they do ---

_BAD_ZH = (
    r"(?:诈骗|骗子|骗人|骗钱|骗|骚扰|垃圾|推销|催收|催债|讨债|坏人|黑社会|广告|恶意|传销|钓鱼)"
)
_BAD_EN = (
    r"(?:scam\w*|spam\w*|fraud\w*(?! ?(?:dep|team|prevention|protection|alert|line|squad"
    r"|unit|desk))|fake|phish\w*|cheat\w*|liar|nuisance|harass\w*|robo-? ?calls?|robocaller"
    r"|telemarket\w*"
    r"|con ?(?:man|artist)|crook|criminal|debt collect\w*|dodgy|suspicious|threat\w*|bad"
    r"|unwanted|junk|hoax)"
)
_GOOD_ZH = (
    r"(?:快递|外卖|顺丰|中通|圆通|申通|韵达|京东|邮政|菜鸟|驿站|配送|跑腿|闪送|送水|送货"
    r"|送餐|同事|同学|室友|舍友|搭档|战友|发小|老师|辅导员|班主任|家长|家教|村支书|支书|村长"
    r"|村医|里长|书记|网格员|街道|朋友|闺蜜|闺女|自己人|亲戚|哥|姐|弟|妹|叔|姨|舅|姑|婶|嫂"
    r"|伯|侄|甥|娘|婆家|丈人|媳妇|对象|男友|女友|姥|爷|奶奶|爸|妈"
    r"|老婆|老公|女儿|儿子|孩子|孙|邻居|家人|家里人|物业|医院|医生|大夫|牙医|牙科|诊所|社区"
    r"|居委|学校|幼儿园|法院|书记员"
    r"|民警|派出所|警察|社工|银行|客服|司机|师傅|保姆|阿姨|房东|租客|中介|客户|领导|老板"
    r"|单位|公司|机构|协会|志愿|慈善|图书馆|消防|交警|律师|家政|护工|月嫂|药店|维修|装修"
    r"|教练|驾校"
    r"|正规|正常|正经|真的|好人|靠谱|官方|本人认识|熟人|工作人员|热心|车主|挪车|航空|酒店"
    r"|餐厅|4s店|保安|回访)"
)
_GOOD_EN = (
    r"(?:dentist\w*|doctor\w*|dr\b|gp\b|surgery|nurse|school\w*|teacher|college|university"
    r"|land(?:lord|lady)|pharmac\w+|chemist|coach"
    r"|deliver\w*|courier\w*|driver|uber|lyft|taxi|cab|plumber|electrician|handyman|mechanic"
    r"|garage|builder|bank|credit union"
    r"|police|hospital|clinic|vet\b|agent|accountant|lawyer|attorney|solicitor|brother"
    r"|sister|mother|mum|mom|mam|father|dad|aunt\w*|uncle"
    r"|bro|sis|granny|nana|roommate|flatmate|classmate|tutor|cousin|nephew|niece|grand\w+"
    r"|daughters?|sons?|kids?|wife|husband|partner|girlfriend|boyfriend|in-?laws?|friend\w*"
    r"|mate\b"
    r"|colleague|co-?worker|neighbou?rs?|church|charity|food bank|shelter|hospice|foundation"
    r"|volunteer\w*|vicar|priest|pastor|librar\w+|county|council|city hall|boss|manager"
    r"|employer"
    r"|work\b|office|customer|client|recruiter|babysitter|carer|care home|hairdresser|barber"
    r"|restaurant|hotel|airline|family"
    r"|legit\w*|safe|fine|ok|okay|genuine|respectable|reputable|bona fide|harmless|imam"
    r"|rabbi|translator|trustworthy|trusted|reliable|alright|all right|real\b"
    r"|good (?:number|guy|one|people|ppl|man|person|woman))"
)
_CALL_ZH = r"(?:打|来电|来搅|搅|骚扰|联系|联络|催|响|找|烦|吵|闹|搞|整|缠)"
_CALL_EN = r"(?:call|ring|text|bother|harass|contact|bug|phon|pester|annoy|spamm|hassl|messag|buzz|troubl|disturb|hound)"

# --- Scopes: what is not the sender's own word ---

# Behind these, somebody else speaks: what they call themselves vouches for nothing.
_SAID = _any(
    r"(?<!没)(?<!没有)(?<!未)(?:自称|声称|谎称|冒充|假冒|假装|假扮|装作|装成"
    r"|装(?!修)(?=[^,]{0,4}(?:客服|警察|银行|公安|领导|快递|熟人|我))|伪装|扮成|自己说"
    r"|(?<![小听])说(?!清|好|明|错|法|了|服|不要)|号称|告诉我|问我|叫我|让我|骗我|劝我|要我"
    r"|跟我讲|对我讲)",
    r"(?<!i )(?<!we )(?<!never )(?<!n't )(?<!not )\b(?:says?|said|sayin\w*|claim\w*"
    r"|pretend\w*|impersonat\w*|posing as|told (?:me|us|my|him|her|them|grand\w+)"
    r"|tells? (?:me|us)|ask(?:s|ed|ing)? (?:me|us|my|if|for|who|why|what|how)|supposedly"
    r"|allegedly)\b",
)
# A scope ends where the sender's own word begins again.
_SUPPOSED = _any(
    r"^\s*(?:如果|假如|要是|万一|假设)|(?:谁|没人|没有人)(?:说|讲)|我[^,]{0,4}没(?:有)?说"
    r"|(?:网上|别人|人家|有人|人人|大家|邻居|朋友|同事|他们)[^,]{0,3}(?:说|讲|传)[^我]",
    r"^\s*(?:if|in case|suppose|assuming|what if)\b"
    r"|\b(?:people|they|some|everyone|everybody|folks?|others|internet|google|neighbou?rs?"
    r"|friends?) (?:\w+ )?(?:call(?:s|ed)?|says?|said|think|thinks|claim) (?:that )?(?:№"
    r"|(?:it|he|she|him|her|them|this|that)\b)"
    r"|\bi (?:never|did(?:n\'t|nt| not)) (?:say|said|call|called)\b",
)
_ONCE_BELIEVED = _any(
    r"以为|误会|乌龙|(?:都|给|就|人)?(?:搞|弄|认|看)错|当成|冤枉|误伤|冤",
    r"\b(?:thought|assumed|believed|suspected|mistook|mistaken|wrong about|false alarm"
    r"|confused|worried)\b",
)
_WRONGLY_SAID = re.compile(
    r"的(?:人|都|全)*(?:搞|弄|看|认|说)错了?\W*$|(?:纯属|完全是|都是)(?:误会|谣言)"
)
# Marked, blocked, reported by others: that is what is complained of.
_FLAGGED = _any(
    r"(?:被|遭)[^,]{0,8}?(?:标记|误标|标成|标为|举报|拦截|投诉|列|屏蔽|拉黑|当成|当作|封)"
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
_SARCASM = _any(
    r"呵呵|🙄|😂|🤡|🤣",
    r"\b(?:oh sure|yeah right|yeah sure|totally|sure,|suuure|lol|so-called|of course it is)\b",
    r'"[^"\n]{1,20}"',
)

# --- Cues ---

_DENIED = _any(
    r"(?<!是)(?<!能)(?:不是|不係|并非|并不是|算不上|不算)(?:什么|个|一个|那种|搞|做|打"
    rf"|在)?{_BAD_ZH}|(?<!有)没(?:有|再)?{_BAD_ZH}(?:过|我|人|钱|你|谁)"
    rf"|(?<!是)(?:不是|并非)[^,是不]{{0,4}}(?:电话|来电)?{_BAD_ZH}"
    rf"|从(?:来)?(?:没|未)(?:有)?{_BAD_ZH}|(?<![是能要会该])不(?:骗|诈骗|骚扰|坑)(?:人|我"
    rf"|钱)?|(?:没有?|无)(?:恶意|问题)|(?<![是除])非{_BAD_ZH}"
    rf"|不(?:太|大|怎么)?像(?:是|个)*{_BAD_ZH}|不是我(?:要|想)?举报"
    r"|(?<!有)没(?:有)?(?:让|叫|要|逼|骗|吓|问)我",
    r"(?:\b(?:not|aint|isnt|wasnt|arent)|n't)\s+(?:\w+ing )?(?:an?|the|any|really|actually"
    r"|some|your|one of (?:the|those)|me|us)?\s*(?:a |an )?(?:phone |known |real |text "
    rf"|bank |actual )?{_BAD_EN}"
    rf"|\bnever (?:once )?(?:{_BAD_EN}|bother\w*|annoy\w*)"
    rf"|\b(?:did|does|has|have|do)(?:n't|nt| not) (?:{_BAD_EN}|bother\w*|annoy\w*) (?:me|us"
    r"|any)|\b(?:does|did|do)(?:n't|nt| not) (?:seem|look|sound"
    rf"|appear) [^,]{{0,12}}{_BAD_EN}|\b(?:it|that|this|he|she|they)(?:'s| is|'re"
    r"| are) not\W*$|\bno (?:scam|spam|fraud|threat|nuisance|problem with|issue with"
    r"|harm)\w*\b",
)
_VOUCHED = _any(
    r"(?<![不的老总还又因])(?:是|系|为)(?![^,]{0,3}(?:不是|吗))(?![^,]{0,9}(?:欠|借"
    rf"|惹))[^,是不吗?打骂骗催吓逼哪谁]{{0,10}}{_GOOD_ZH}"
    r"|(?<![不的老总还又因])(?:是|系)(?:来|上门|专门|负责|帮我|给我|我们?家)?(?:送|修|装|抄"
    r"|维护|安装|通知|回访|收|教|接)[^,是不吗?]{1,6}的"
    r"|(?<![不的老总还又因])(?:是|系)(?:我|我们|我家"
    r"|咱)(?!的?(?:号|手机|电话|要|举报|前|仇"
    r"|债))[^,是不吗?打骂骗催吓逼欠借惹]{1,5}[,。!~ ]*$",
    r"(?:\b(?:is|was|are|be|it's|its|that's|thats|they're|theyre|he's|she's|hes|shes|№'s|№s"
    r"|'s)|=)(?! not| no\b|n't)\s+(?:\w+\s+){0,1}?(?:just|really|only|actually|probably"
    r"|in fact|a|an|the|my|our|me|from|perfectly|quite|totally|all"
    rf"|one of)?\s*(?:(?!not\b|scam|spam|fake|no\b)[\w'-]+\s+){{0,3}}?{_GOOD_EN}"
    r"|\b(?:phone |cell )?number of (?:my|our)\b"
    r"|(?:\b(?:is|was|it's|its|that's|thats|he's|she's|hes|shes|№'s|belongs to)"
    r"|=)\s+(?:just |only |actually |really )?(?:my|our)\s+(?!ex\b|ex-|stalker|night|harass"
    r"|scam|spam|favou?rite|best|worst|number|phone|cell|mobile|line|own|business|home|old"
    r"|new number|problem|enemy|turn|fault|last)[\w']+",
)
_EITHER = _any(r"还是(?!打|在|不停|每|天)", r"\bor\b")
# The same without a verb: then all of the clause must be the sender's.
_VOUCHED_FOR = _any(
    _VOUCHED.pattern,
    r"^\s*+№\s*+(?:我(?:们"
    rf"|家)?的?)?[^,不说骗假冒打给骂催有扰威吓烦找贷诈债?]{{0,4}}{_GOOD_ZH}(?!电话|信息|短信"
    r"|推销|培训|贷|名义)[^,不吗?打给骂有让叫]{0,3},?\s*$|靠谱|很?正规的?$|没问题|可以放心"
    r"|放心接|核实过|已核实|(?:没|无)(?:有)?恶意|好人|正常的|没事(?!就|找|干|老|总|天天|儿)"
    r"|查清|(?:确实|的确|果真|真的)是[^,?骗诈]{2,}|核对过|认识的人|熟人|确认(?:过|了)"
    r"|(?:打过去|回拨|问过)[^,]{0,4}(?:确认|核实|没错)|放(?:他|她|它|人家)?出来",
    r"^[ \-,:]*+№[ \-,:.]*+(?:just |only )?(?:my |our |me "
    r"|the )?(?:(?!scam|spam|fake"
    rf"|(?!retired|trusted)\w+ed\b)[\w']+ )?{_GOOD_EN}(?:\s+[\w']+){{0,3}}\W*$"
    r"|\breal number\b|\bgenuine\b|\blegit\b|\brang (?:them|him|her) back to check"
    r"|turn(?:ed|s) out (?:to be |it was |that |№ was "
    r"|№ is ){0,2}(?!(?:an? |the )?(?:scam|spam|fraud|fake|con\b|telemark|collector|debt"
    r"|robo|sales|phish|thie|crook))\w+|\bi know (?:him|her|them"
    r"|this (?:guy|person|lady|number))\b|\bgood number\b|\bchecks? out\b|\babove board\b"
    r"|\bfor real\b|\bgot (?:№ |him |her |them )?all wrong|\bno problem with"
    r"|\b(?:lovely|nice|kind|polite|decent|honest) (?:\w+ )?(?:man|lady|chap|guy|person"
    r"|woman|people|bloke|fella|folk|mistake|soul|gentleman)|\bvouch\b"
    r"|\bi trust (?:him|her|them|№)|all (?:good|fine|well|ok)\b|i phoned the"
    r"|(?:called|rang|phoned) the (?:number on|bank|office|company|branch|shop|main)"
    r"|i (?:called|rang|phoned) (?:them |him |her )?(?:back )?(?:and|to) (?:check|confirm"
    r"|verif)",
)
_ASKED = _any(
    r"(?<!什)(?<!要)吗|[\u4e00-\u9fff](?<!差)不\s*[?呀啊]?$|嘛\s*\??$"
    r"|(?:^|\W)(?:不会|该不会|难道|莫非|会不会)[^,]{0,12}(?:吧|\?)"
    r"|(?!是不是|要不要(?:买|办|贷|投|钱|装|租|卖|加|了解|考虑))([\u4e00-\u9fff])不\1(?!疯"
    r"|让|管|封|帮|处理|别|叫|停)|(?:是|系)(?:哪|边|谁|乜|咩|啥|什么)|边(?:个|度)|属实"
    r"|([\u4e00-\u9fff]{2})不\2|(?:真|假|正规|好人|官方|快递|银行)的?还是|[是系]咪"
    r"|(?<![什怎那这多要])么\s*\??$|是不是(?!疯|有病|有毛病|神经|脑子|闲|想|傻|吃)|是否"
    r"|有没有|能接|能不能[接信]|该不该|要不要[接信回]|可不可[信靠]|可以接|真的假的|真假"
    r"|是真是假",
    r"(?:是|找|知道|啊|\s|№)谁|谁(?:的|呀|啊|家|打|知道|认识)|(?<!任)何人"
    r"|什么(?:号|电话|人|来头|来历|公司|单位|地方)|啥(?:号|电话|人|玩意|来头|地方|公司)"
    r"|是什么|是啥|(?:干|做|搞)(?:啥|什么|嘛)(?:的|使|用)|嘎哈|来路|哪位"
    r"|(?:啥|什么|怎么个?)(?:情况|回事)|何方|有[无没]人(?:知|认|接|晓)"
    r"|哪(?:里|儿|的|个|家|位)[^,]{0,4}(?:的|号|电话|是|公司)|哪里?的",
    r"(?<![调核检审巡严彻抽复搜警])查(?:一)?(?:下|查|询|看)"
    r"|(?<![调核检审巡严彻抽复搜警])查\s*№|(?:帮|替|给|劳烦|麻烦)(?:我|忙|咱|给)*(?:看|查|问"
    r"|瞅|瞧)|(?:^|我|想)问(?:一)?(?:下|问|声)|请问|想知道|想了解|不确定"
    r"|不知道[^,]{0,3}(?:是不是|是否|真假)|不(?:知道|清楚|晓得|懂|确定)(?:是|到底|究竟"
    r"|对方是)|拿不准|怀疑|可信|能信|能相信|信得过|有人知道|有人接过|有没有?(?:人|记录)|有毒"
    r"|咨询|打听|[吧呢]\s*\?",
    r"\b(?:who(?:'s|s| is| was| are| calls?| called| rings?| rang| owns?| has| does| do| did"
    r"| the| dis)|whose|whos)\b(?! (?:harass|keep|bother|threat)\w*)",
    r"^\W*(?:(?:hi|hey|hello|please|pls|so|and|but|or|um|ok|dear all|sorry"
    r"|excuse me)\W+)*(?:is|are|r|was|were|does|do|did|has|have|had|could|would|will|can"
    r"|should|shud|shall|might|may|am|isn't|isnt|aren't|wasn't|doesn't|don't)\s+"
    r"(?:this|it|that|these|those|№|he|she|they|you know|u know|you tell|you check|you look"
    r"|i answer|i call|i ring|i pick|i trust|i ignore|i report|i worry|we call|we trust"
    r"|the number|any ?(?:one|body)|you (?:any|got|have|had|think|recogni[sz]e|trust|happen)"
    r"|there (?:any|a)|others|people|other \w+|many|u sure|you sure|i right|i wrong|i crazy"
    r"|i being|my (?:mum|mom|dad|bank|son|wife|husband) right"
    r"|there anything)(?!\w)(?! (?:reading|there|help))",
    r"\b(?:is (?:this|it|that|№) (?:a |an |the |really |for )?(?:real|legit|genuine|scam"
    r"|spam|safe|true|known|fraud|ok|bank|fake)|is this)\b",
    r"\b(?:what(?:'s|s| is| was) (?:№|this|that|it)(?!\w)(?! (?:service|about)\b)"
    r"|which (?:company|one)\b|what (?:company|number|kind|sort)\b)"
    r"|\b(?:scam|spam|legit|real|safe|fraud|genuine|fake|bank|trustworthy)\s*\?",
    r"^\W*(?:(?:please|pls|can you|could you|can u|hi|hey|hello|kindly|just)\W+)*(?:check"
    r"|look ?up|lookup|search|verify|identify"
    r"|info)\b(?: (?!your|my|our|account)[\w']+){0,4}? ?(?:№"
    r"|(?:this|that) (?:number|one|caller)|if\b|whether\b|who\b)"
    r"|\bcheck (?:out )?(?:this |the )?(?:number )?№|tell me (?:about|if|who|what|whether)|"
    r"\bany ?(?:one|body) (?:know|heard|else|seen|got)"
    r"|\b(?:you|u|ya) know (?:if|whether|who|what|this|about)|\bknow whether\b|\bwonder\w*\b"
    r"|\bnot (?:too )?sure\b|\bunsure\b|\binfo(?:rmation)? (?:on|about)\b|\bcurious\b"
    r"|\blearn (?:who|what|if|whether)|\bwho it is\b|\bto (?:find out|know) (?:who|what|if)"
    r"|\bcan i trust|\bsafe to\b|\bthoughts\b"
    r"|\bhow (?:can|do|could|would|to) (?:i |you |we |one |u )?(?:tell|know|check|find"
    r"|verify|see)|\b(?:do|did|d') ?(?:you|u) (?:think|reckon|believe|know|have"
    r"|recogni[sz]e)\b|^\W*any (?:reports?|info\w*|news|ideas?|thoughts|complaints?|history"
    r"|details|clue)\b|wants? to know (?:if|who|whether|what)|\bshould i\b|\bought i\b"
    r"|what happens if|\b(?:(?<!never )heard of|ring a bell|what you (?:have|know|got|think)"
    r"|who the \w+|what the \w+ is|tell me)\b"
    r"|\b(?:legit|real|safe|ok|okay|genuine|true|good|friend|scam\w*|spam|fake"
    r"|fraud) or \w+\W*$|\bor (?:nah|not|no|what|fake|scam|spam|real|legit)\b\s*\??$"
    r"|\b(?:do|did|does) (?:you|u|ya)(?: know)?\W*$|\b(?:is|are) (?:it |this |that )?true\b"
    r"|\btrue\s*\?|\b(?:y/n|yes or no|true or false)\b|\bwho (?:tf|\w+) (?:is|are|was)\b"
    r"|\bwhat'?s? (?:is )?(?:the deal|up|the story) with"
    r"|^\W*(?:do |does )?(?:y'?all|you all|anyone|anybody"
    r"|some(?:one|body)) (?:guys )?(?:know|recogni[sz]e|seen|heard)"
    r"|^\W*(?:i )?(?:want|need|like) (?:to )?know|\b(?:suspicious|wary|right to worry) of\b"
    r"|\banyone\s*\?|idea who",
)
# Asked of the number itself, which no caller does.
_ABOUT = _any(
    r"谁|哪|什么号|啥号|骗|诈|骚扰|真的|真假|假的|可信|能信|靠谱|安全吗",
    r"\b(?:scam\w*|spam|fraud\w*|legit|real|fake|genuine|whose|who|this number|safe)\b",
)
# What leaves open whether it is so. "Maybe a scam" lists nobody.
_DOUBT = _any(
    r"预约|约好|约了|送货|取件|取餐|面试|复诊|复查|订单|订的|下单|通知|开会|家长会|缴费单"
    r"|作业|回家|吃饭|平安|[去来](?:取|拿|领)|没接(?:到|着|上)|未接",
    r"\b(?:appointment|booking|booked|prescription|refill|delivery|my order|ordered"
    r"|test results|meeting|interview|reservation|rota|reminder|quote i|service is due"
    r"|engineer|fix(?:ed|ing)?|about (?:my|our|the) (?:parcel|package|order|job|application"
    r"|child|kids?|son|daughter|dog|cat)|repair\w*|mend\w*|install\w*)\b",
    r"可能|好像|似乎|也许|或许|应该是|听说|还是(?!打|在|不停|每|天)|不知道|不清楚|不晓得"
    r"|拿不准|像是|感觉像|估计|疑似|属实|谁|哪(?!怕)|什么|啥|咋|凭啥|为何|几个意思|乜"
    r"|边(?:个|度)|[吧呢嘛么]\s*$",
    r"\b(?:(?<!man )(?<!woman )(?<!person )(?<!people )(?<!guy )(?<!one )(?<!, )who|whose"
    r"|which|what|how|if|whether|maybe|perhaps|do you|do u|d'you|did you|have you|reckon you"
    r"|know about|any (?:report|info|news|idea|thought|complaint|history|word)\w*|might"
    r"|may be|possibl[ey]|probably|suppos\w+|sure|certain|looks like|seems?|sounds like"
    r"|guess|think|thinks|suspect|believe|or (?:not|nah|no|what|is|are|just|something))\b",
)
# Behind these the sender tells of what may not have happened.
_HEDGED = _any(
    r"可能(?!有?\d)|也许|或许|听说|据说|传闻|谁说|怎么(?:会|可能)|不会|没可能"
    r"|不(?:觉得|认为|相信|信|敢信|承认)|№\s*(?:如果|要是|假如|万一)|(?:疑|涉)嫌",
    r"\b(?:might|may|could|would) (?:have|be)\b"
    r"|\b(?:maybe|perhaps|possibly|apparently|allegedly|rumou?rs?|doubt|untrue|not true"
    r"|false that|accused of)\b|\b(?:do|does|did)(?:n't|nt| not) (?:think|believe|suppose"
    r"|reckon|feel)\b",
    r"\b(?:nobody|no one|noone|none of)\b(?! (?:there|speak|answer|talk|on|is|say|respond"
    r"|repl))|(?:№|\b(?:he|she|they|who)) (?:has |have |had )?(?:never|not) (?!\d|№|that"
    r"|stop|quit|end|leav|giv|tak|shut|speak|say|said|answer|listen|let)",
)
# What leaves nothing open, whatever marks stand about it.
_CERTAIN = _any(
    r"无疑|实锤|(?:肯定|绝对|铁定|百分百|妥妥|明显|显然|就)是(?:个)?(?:骗|诈|骚)",
    r"\b(?:definitely|100%|no doubt|clearly|obviously|confirmed|certainly)\b",
)
# Asked for help against a number, not about it.
_REMEDY = _any(
    r"怎么办|咋办|如何(?:是好|处理|解决|投诉|举报|阻止)|怎样才能"
    r"|怎么(?:才能|能)?(?:让|阻止|屏蔽|拉黑|举报|投诉|处理|解决|对付|摆脱|制止)"
    r"|能不能(?:让|管|封|帮|处理|别|叫)|可以(?:封|举报|投诉|报警|起诉)"
    r"|(?:管管|有没有办法|还有没有王法|有没有人管)",
    r"\b(?:what (?:can|do|should|could) (?:i|we) do"
    r"|how (?:do|can|to|could|should) (?:i |we )?(?:stop|block|get rid|make|report|complain)"
    r"|can (?:you|u|someone|anyone) (?:please |pls )?(?:block|stop|help|do)"
    r"|can i (?:block|report|sue|stop)|who (?:do|can) i (?:call|report|tell)"
    r"|could you (?:please )?(?:block|stop)|will you (?:please )?(?:block|stop))\b",
)
_ENDED = _any(
    r"(?<!我)(?<!也)(?:(?<!别)(?<!不要)(?:不再|没再|没有再|未再|不会再|没怎么"
    rf"|不怎么)[^,]{{0,3}}?{_CALL_ZH}|(?:不|没|没有){_CALL_ZH}(?:电话|来|过来|扰|我"
    r"|给我)*了(?!还)|(?:天|周|月|久|最近|再|现在)(?:都)?(?:没|没有"
    rf"|不)[^,]{{0,2}}{_CALL_ZH}(?:过|来|电话|扰|了)*)"
    r"|(?<!没)(?<!不)(?<!没有)停(?:了|止|下来)(?!水|电)|消停|和解|(?:问题|事情)(?:已经)?解决"
    r"|没(?:有)?敢再(?:打|来|烦|$)|(?:终于|总算)(?:是|也)?(?:没|不|停)"
    r"|没(?:有)?(?:动静|声音?了|声息|消息了)|安静了|清净了|老实了|消失了"
    r"|(?<!别)没(?:有)?(?:敢)?再(?:[^,]{{0,4}}(?:打|烦|来|找|骚扰|催|联系)|$)"
    r"|再(?:也)?(?:没|不敢)[^,]{{0,4}}(?:打|烦|来|找|骚扰|催|联系)|不敢再|放过我",
    r"(?<!never )(?<!n't )(?<!not )(?<!nt )\b(?:has |have |had |finally "
    rf"|now )?stopped (?:{_CALL_EN}\w*|now\b|since)"
    r"|(?<!never )(?<!n't )(?<!not )(?:calls?|they|he|she|it|texts?|№) (?:has |have |had "
    r"|finally |all )*stopped\b(?! (?:answer|work|pay))"
    rf"|\bno longer (?:\w+ )?{_CALL_EN}\w*|(?:(?:\b(?:he|she|it|they|who|that|and|also|this"
    r"|number)|№) (?:do|does|did|has|have|is|are)(?: ?n't|nt| not)"
    rf"|\b(?:does|has|have|is)(?:n't|nt| not| never)) {_CALL_EN}\w*(?: (?:me|us"
    r"|here))? (?:any ?more|since|again|in|for)\b|\bnot any ?more\b"
    r"|\bno (?:more |further |new )?(?:calls|texts|contact"
    rf"|messages)(?: \w+){{0,3}} {N} (?:lately|since|now|recently|for|in|this)"
    r"|\bno (?:calls|texts|contact|messages) (?:since|lately|anymore|any more|for|in weeks)"
    rf"|\bno more (?:calls|texts|messages|rings|{_CALL_EN}\w*)"
    r"|(?:gone|went) (?:quiet|silent|away)|(?:quit|ceased|given up|gave up"
    rf"|finished) {_CALL_EN}\w*|\b(?:have|has|had)(?:n't|nt| not) (?:heard|called|rung|rang"
    r"|texted|phoned|had a call|been called)|\bsettled\b|\bresolved\b"
    r"|\bit'?s (?:all )?over\b|\bleft (?:me|us) (?:alone|in peace|be)|all quiet"
    r"|\b(?:gave|given) (?:it|me) a rest|\bpacked it in|\bnot? a peep"
    r"|n't had (?:a |any |another )?(?:peep|call|word|bother)|all good now"
    r"|silen(?:ce|t) (?:since|ever since|now)|\bgone for good"
    r"|peace (?:at last|and quiet|now)|\bdied down|\bbacked off"
    r"|\bheard nothing (?:since|more|from)|\bcalls have ended|\bno (?:further|more) \w+ from"
    rf"|\b(?:no|not) {_CALL_EN}\w* (?:me|us)? ?(?:any ?)?more\b"
    r"|\b(?:finally|at last) (?:stopped|quit|chilled|gave|shut|went|left|leaving|quiet)"
    rf"|\b(?:gave|given|give) up\b|\b(?:is |now |are )+not {_CALL_EN}\w*"
    rf"|\b(?:he|she|they|it|№) stop(?:s|ed)? (?:to )?{_CALL_EN}\w*"
    r"|\bto stop and (?:he|she|they|it) did|\bit (?:has )?ended"
    r"|\bnot (?:a single|one) call since",
)
_SINCE = _any(r"\b(?:any ?more|since|again|no longer|lately)\b", r"再|了")
_RESUMED = _any(
    r"又|还(?!钱|款|清|贷)|继续|再次|卷土重来",
    r"\b(?:again|back|started|resumed|continue\w*|restart\w*|now (?:he|she|they|it|from))\b",
)
# In the clause that says so, "has not called again" is no resumption.
_RESUMED_THERE = _any(
    r"又|还(?!钱|款|清|贷)|继续|\b(?:but|then|until|now|back|started|resumed|restarted)\b"
)
# A clause that says "take it back", and of what.
_UNDO_VERB = re.compile(
    r"(?:撤(?:销|回|掉|了)?|收[回返]|不(?:再)?(?:举报|投诉)|取消|删掉|删除|删了|去掉|移除"
    r"|清除|作废|不算(?:数)?|不作数|作罢|忽略|当我没(?:说|发|报)"
    r"|\bundo\b|\bwithdraw\w*|\bretract\w*|\bcancel\w*|\bdelet\w+|\bremov\w+|\berase\w*"
    r"|\bscrap\b|\brevoke\b|\brescind\b|\bdisregard\b|\bignore\b|\bforget\b|\bvoid\b"
    r"|\bscratch\b|\bstrike\b|\bnever ?mind\b|\bnvm\b|\bpull\b|\bdrop\b"
    r"|\btak(?:e|ing) (?:it |that |this |him |her |them |№ )?(?:back|down|off))"
)
_UNDO_REST = re.compile(
    r"[№\s\W]|请问?|帮?我|对|把|将|从|里|中|刚才|刚刚|上次|上一?|前|之前|那|这|的|关于"
    r"|[一两]?[条个次]|举报|投诉|报告|消息|短信|信息|记录|名单|骚扰|电话|号码?|吧|了|一下|掉"
    r"|可以|想|要|需要|单|申请|麻烦|都|全部|谢谢|不好意思|抱歉|[一两那这]条|打错|弄错|已|算"
    r"|再"
    r"|\b(?:please|pls|plz|kindly|can|could|would|you|u|i'd|i'll|i've|i'm|i|id|we|like|want"
    r"|wanna|need|to|my|the|that|this|these|those|last|latest|previous|earlier|one|it|its"
    r"|report\w*|complaint\w*|message|msg|text|number|entry|record|listing|list|"
    r"on|of|for|about|against|from|at|in|off|back|back|again|your|all|him|her|them|sorry"
    r"|oops|hi|hello|thanks?|ta|just|filed|made|sent|was|is|and|must|should|what|said"
    r"|regarding|concerning|re|typo|not)\b"
)
_MISTAKEN = _any(
    r"(?<!你们)(?<!你)(?<!您)(?<!平台)(?<!系统)(?:举报|投诉|标记|标|报|弄|搞|发|点|按|填|输"
    r"|写|看)错|误报|误举报|误操作|误点|手滑|手误|打错字|(?:上次|刚才)[^,]{0,4}错",
    r"\b(?:reported|sent|filed|marked|typed|did"
    r"|flagged) (?:\w+ ){0,4}?(?:by (?:mistake|accident)|in error|wrongly|accidentally)"
    r"|\bby (?:mistake|accident)\b|\b(?:my|a|made a) mistake\b|\bwrong number reported\b"
    r"|\baccidentally reported|\bi was wrong\b|\bmy bad\b|\btypo\b",
)
_MISDIALLED = _any(
    r"(?:打|拨|按|找)错(?!号)|(?<!报)错号|认错人",
    r"\b(?:(?:dial|call|ring|phon)\w*|rang) (?:me |us |here )?(?:by|in) (?:mistake|error"
    r"|accident)|\b(?:wrong number|misdial\w*|miss-?dial\w*"
    r"|looking for (?:someone|somebody|a man|a woman)|meant to (?:call|ring)|honest mistake"
    r"|dial\w* (?:it |me )?wrong\w*)\b",
)
_OWN = _any(
    r"(?:(?<!给)(?<!找)(?<!打)(?<!把)我|本人|我们|我司|我方|咱|俺)(?:自己|本人|公司|单位|店"
    r"|店里|家|家里|铺|厂|诊所|工作室|的|里|那|个|新|工作|办公){0,5}(?:手机|电话|座机|号码"
    rf"|号|热线|本机){{1,3}}(?:码|为|是|:|[ (-]){{0,4}}\s*{N}",
    rf"{N}\s*(?:这|此)?(?:个)?(?:号码|号|电话|手机)?(?:就|才|其实|现在|可)?(?:是|系)(?:我"
    r"|本人|我们|我司|咱们?|俺)(?:自己|本人|公司|们|单位|店|店里|家里?|诊所|正在|在|的|新"
    r"|工作|个人){0,5}[^,妈爸老女儿朋同亲哥姐弟妹报标举打]{0,4}(?:手机|电话|号码|号|座机"
    rf"|本机|热线|用的|在用)|{N}\s*(?:是|系)(?:我|本人|我们|咱)的$",
    r"(?:你们|为(?:什么|何|啥)|凭(?:什么|啥)|干嘛|怎么)[^,]{0,8}(?:标|挂|拦截?|封)(?:记|我"
    rf"|了|我的|我们的)*\s*{N}|{N}\s*我(?:自己|本人)(?:用|使|办)"
    rf"|{N}(?:这个号)?(?:是|系)我(?:的"
    r"|自己)?(?:[^,妈爸老女儿朋同亲哥姐弟妹报标举打]{0,4})(?:的|用的)?(?:号|电话|手机|卡)"
    rf"|我(?:新)?(?:办|买)的(?:新)?(?:卡|号码?)\s*{N}|新(?:办|买)的(?:卡|号码?|手机号)\s*{N}"
    rf"|我(?:就)?是(?:号码)?\s*{N}|{N}的?(?:机主|主人|使用者|用户|号主|持有人)|机主(?:本人)?"
    r"|是本人(?:的|号)|(?:我|本人)(?:的|自己的)?(?:号码|号|手机号|电话)(?:码)?(?:老|总"
    r"|一直)?被[^,]{0,6}(?:标|举报|拦|封|误|拉黑)|本人号码"
    r"|(?:那|这|它)(?:就|可|才)?(?:是|系)(?:我|本人|咱)(?:自己|本人|们)?的?(?:号|电话|手机)"
    r"|(?:我|本|敝)(?:所|司|店|院|校|厂|馆|社|处|队|公司)[^,]{0,8}(?:手机|电话|座机|号码?"
    rf"|热线)+\s*{N}\s*(?:被|遭)|^\s*本人[^,]{{1,8}},"
    r"|^\s*(?:我|我们|咱)(?:是|开|做|跑|送|在|搞|经营)[^,№]{1,12}(?:电话|手机|号码?"
    r"|热线){1,2}\s*№|我姓[^,]{1,3},?$",
    r"\b(?:my|our)(?: \w+'s)?(?: (?:own|cell|mobile|business|home|work|office|phone"
    r"|telephone|new|company|shop|store|personal|main|land|direct"
    r"|work)){0,4}(?: ?(?:number|phone|cell|mobile|line|landline|telephone|no\.?"
    rf"|#)){{1,3}}(?: (?:number|is|at|on)){{0,3}}\s*[:=,-]?\s*{N}",
    rf"{N}(?:'s| is| was|,| -){{0,3}} ?(?:actually |also |in fact )?(?:my"
    r"|our)(?: (?:own|cell|mobile|business|home|work|office|phone|telephone|new|company"
    r"|personal|main)){0,4}(?: ?(?:number|phone|cell|mobile|line|landline))"
    rf"|{N}(?: is|'s)? (?:mine|ours)\b|\bi own\b[^,]{{0,12}}{N}"
    rf"|{N}(?: is|'s) our (?:\w+ ){{0,2}}?\w+'?s (?:number|line|phone|landline)"
    rf"|{N}(?: number)?(?: is|'s) (?:me|us)\b|\bwe(?:'re| are) (?:a|an|the) [^,]*,$"
    rf"|\b(?:my|our) {N}|\bi(?:'ve| have) had (?:the number |my number )?{N}"
    rf"|\bi (?:use|pay for|registered|have|got) {N}\b|\bbelongs? to (?:me|us)\b"
    r"|\b(?:why am i|i am|i'm|im) on (?:your|the|a) (?:spam |scam |black ?)?list"
    r"|\bi'?m the (?:owner|holder|subscriber)|\bi am the (?:owner|holder|subscriber)",
    r"\b(?:marked|flagged|listed|blocked|spoof\w*|using|faking) (?:my"
    r"|our) (?:\w+ ){0,2}?(?:number|phone|line|cell)"
    r"|\bmy (?:own )?(?:number|phone) (?:is|was|has been|got|gets) (?:\w+ )?(?:marked"
    r"|flagged|listed|blocked|spoofed)",
)
# Whoever asks that a number be left in peace, speaks for it.
_PLEA = _any(
    r"(?:别|不要|莫|勿|不用|不该)(?:去|再|人|要|乱|瞎|给)*(?:举报|标记?|拉黑|屏蔽|投诉|封|拦"
    r"|误拦|误伤)(?!.*不听)",
    r"(?:\bdo(?:n't|nt| not)|\bno need to|\bplease not|\bstop) (?:report|block|list|flag"
    r"|mark|blacklist)\w*|\bleave № (?:be|alone|in peace)\b",
)
# Who says that they did not report a number, says not yet that it is a good one.
_SPARED = _any(
    r"(?:不|没|没有|未|从没|不想)(?:去|再|人|要)?(?:举报|标记|标成|拉黑|屏蔽|投诉|封"
    r"|拦截)(?!.*不听)",
    r"(?:\bdid(?:n't|nt| not)|\bnever) (?:report|block|list|flag|mark|blacklist)\w*",
)
# That a number is somebody: it vouches for it where the text denies or corrects something too.
_NAMED = _any(
    r"(?<![不的老总还又因说自])(?:是|系|为)(?!不是|吗|谁|哪|什|啥|不|假|骗|诈|骚|垃|推"
    r"|催)[^,?]{2,}",
    r"(?:\b(?:it|that|this|he|she|№|they)(?:'s| is| was|'re| are)|\bits|\bhes"
    r"|\bshes) (?:just |only )?(?:really|actually|a|an|the|our|my|from)\s+\w+",
)

# --- Words that accuse ---

# What a caller is: people ask, deny and suppose just that, so in doubt it says nothing.
_LABELS = _any(
    r"诈骗|骗子|骗局|骗人|骗钱|骗术|骚扰|垃圾|流氓|黑社会|传销|电诈|恶意|坏人|坏蛋|套路"
    r"|高利贷|推销|广告|促销|营销|冒充|假冒|假扮|假装|自称|谎称|冒我"
    r"|催(?!我?(?:交(?!钱|费|款)|起床|吃|回))|讨债|逼债|追[债数]|假扮|扮(?:差|警|成|作)|骗徒"
    r"|割韭菜|钓鱼|木马|录音|反映|引诱|诱[骗拐惑]|勾引|哄(?:走|骗|我|老)|呃(?:了|人|钱|晒)"
    r"|小心|当心|避雷|警惕|提防|别(?:接|信|上当|理)|机器人|语音|问卷|民意|民调|调查的|忽悠"
    r"|害人",
    r"(?<!被)(?:举报|投诉|报案|查处|曝光|封(?:了|掉|号|杀)|拉黑|管管|处理|拦截)",
    r"\b(?:scam\w*|spam\w*|fraud\w*(?! ?(?:dep|team|prevention|protection|alert|line|squad"
    r"|unit|desk))|phish\w*|nuisance|pest\w*|robo-? ?call\w*|telemarket\w*|tele ?sales"
    r"|cold ?call\w*|con ?(?:man|men|artist)|crook\w*|thie(?:f|ves)|stalk\w*|crap|junk"
    r"|creep\w*|pervert|fake|swindl\w*|cheat\w*|liars?|catfish\w*|grifter\w*|beware|avoid"
    r"|watch out|look out for|steer clear|stay away|hoax|impost[eo]r|debt\w*"
    r"|collect(?:or|ors|ion|ions)"
    r"|bailiffs?|repo|impersonat\w*|pretend\w*|claim(?:s|ed|ing)? to be|posing|survey|poll"
    r"|shark|dodgy|suspicious|chancer|trickster|predator|rip-?off|bogus|dubious|unsolicited"
    r"|plagu\w+|pester\w*|hound\w*|badger\w*)\b",
    r"(?:(?<!my )(?<!the )\b(?:complaint|report) (?:about|against|regarding|concerning|on"
    r"|of)|(?:filing|file|making|make|lodge|lodging|lodged|submit) (?:a |an "
    r"|this )?(?:complaint|report))\b"
    r"|(?<!my )(?<!the )(?<!a )(?<!been )(?<!is )(?<!was )(?<!anyone )(?<!anybody )(?<!i )\b"
    r"(?:report(?:ing)?|complain\w*|block(?:ing|ed)?|blacklist"
    r"|shut (?:them|him|it|this) down|warn others)\b(?! (?:reported|marked))",
)  # fmt: skip
# What callers sell. Honest people have these trades too.
_TRADES = _any(
    r"贷款|低息|理财|股票|期货|基金|信用卡|网课|留学|医美|植发|减肥|发票|纪念币|收藏品"
    r"|培训班|墓地|楼盘|商铺|装修",
    r"\b(?:(?:tr(?:y|ies|ied|ying)|wants?|wanted|keeps?|called|rang"
    r"|rings?) (?:to )?sell(?:ing)?|sell(?:s|ing)? (?:me|us|my|him|her)|sales|flog\w*"
    r"|warranty|timeshares?|solar|double glazing|insulation|new windows|boiler|conservatory"
    r"|gutter\w*|roofing|student loans?|vacation|cruise|loans?|investment|insurance"
    r"|funeral plan|energy deal|broadband deal|business listing|donation)\b",
)
# What a caller tells and wants: told to ask about it, as often as to report it.
_CLAIMS = _any(
    r"(?:说|讲|称|(?<!电)话)(?:我|你|他|她|我们|我妈|我爸|孩子|家里|包裹|快递)[^,]{0,8}(?:欠"
    r"|涉嫌|洗钱|犯|中奖|出事|出车祸|车祸|被抓|违法|冻结|逾期|理赔|异常|失效|住院|丢|停|被盗"
    r"|不还|过期|案|罚|违约|征信|中了|补贴|获奖|海关|税|扣|停)",
    r"(?:说|让|叫|要|要求|逼|骗|哄|教)(?:我|你|他|她|我妈|我爸|老人|我们|奶奶|爷爷|家人"
    r"|先)?(?![^,]{0,3}[去来][取拿领])[^,]{0,6}(?:转账|转钱|转帐|汇款|打款"
    r"|交[^,]{0,4}(?:钱|费|金|税)|保证金|抵押|垫|手续费|验证码|卡号|密码|下载|共享屏幕"
    r"|点链接|安全账户|加(?:qq|微信|群)|充值|给钱|打钱|还钱|刷单|扫码|身份证|借钱|借贷)",
    r"要钱|要(?:我)?还\s?(?:钱|\d)|要验证码|安全账户|中奖|领补贴|链接|杀猪盘|荐股|兼职"
    r"|名(?:字|义)?借钱|借我的?名",
    r"\b(?:says?|said|saying|sayin|reckons?|told|tells?|claims?|insists?"
    r"|tr(?:y|ies|ied|ying))\b[^,]{0,80}\b(?:warrants?|sheriff|lawsuit|legal action|court"
    r"|prison|jail|police|virus|hacked|hacker|press (?:1|one)|unless|cut off|suspended"
    r"|frozen|locked|compromised|expired|refund|tax(?:es)?|irs|hmrc|immigration|visa"
    r"|deport\w*|lottery|won|winner|social security|medicare|owe|owes|arrears|accident"
    r"|hospital bill|grandson|microsoft|customs)\b",
    r"\b(?:wants?|wanted|demand\w*|ask(?:s|ed|ing)?(?: me| my \w+| us)?(?: for)?"
    r"|told (?:\w+ ){1,3}?to|tr(?:y|ies|ied|ying) to (?:get|sell|steal|trick|scam|con)"
    r"|offering|got into|begging|insist\w*|reading back"
    r"|gave (?:him|her|them))\b[^,]{0,40}\b(?:money|bank|card|pin|otp|password|passcode|code"
    r"|ssn|social|gift|account|bitcoin|crypto|wire|cash|acct|laptop|computer|loan|details"
    r"|birth|savings|donate|access|remote|(?:me|us|him|her|them"
    r"|\w+) to (?:pay(?! for (?:the|my|our))|buy))\b",
    r"\b(?:social security|verify|suspended|package fee|toll|refund)\b|https?://",
)  # fmt: skip
# What a caller did: whoever writes this, unless it is denied, complains.
_HARMS = _any(
    r"被[^,]{0,12}(?:骗|忽悠|坑)|骗(?:我|了|走|老|去|他|她|到|取|得)|忽悠(?:我|了|老|他|她)"
    r"|坑(?:我|了|老|人)|上当|损失|存折[^,]{0,4}空"
    r"|(?:打|闹|找)到(?:我)?[^,]{0,4}(?:单位|公司|学校|连队|村|厂)"
    r"|钱(?:就|全|都)?(?:没了|没有了|被转)|转走|盗(?:刷|走|用)|套我|套取|骗取|砍头息|呼死你"
    r"|轰炸|骚扰(?:我|了|他|她|家)|(?:一声|接了?|接通)就?挂|就(?:挂|收线)|不说话|不出声|无声"
    r"|没声(?!音?了)|没人说话|不吭声|扫码[^,]{0,12}(?:没|扣|少)",
    r"卖(?:房|楼|药|酒|茶|墓|课|保|车|货)|保健品|炒股|办(?:卡|证|信用卡)|pos机|代开|刷单"
    r"|博彩|赌博|裸聊|放款|网贷",
    r"催(?:我(?!交(?!钱|费|款)|回|吃|起|结|做|写)|命|还|着|他|她)|逼[我他她还]|暴力|老赖"
    r"|欠[^,]{0,3}(?:钱|款|贷|债|费)|逾期|还(?:钱|款|不还)|(?:要|必须)还"
    r"|(?:找|问|跟|向)我(?:们|家)?(?:要|攞|拿|借)(?:钱|债|账|$)|丢死?人",
    r"骂|辱|脏话|侮|诽谤|威胁|勒索|敲诈|恐吓|恐嚇|吓唬|吓(?:我|死|人|到)|弄死|打死|杀|砍|斩"
    r"|剁|报复|泼|堵门|堵我|上门|搞(?:我|死)|爆[^,]{0,4}通[讯信]录|通[讯信]录|泄露|群发|p图"
    r"|照片p|裸照|死亡|棺材|花圈|遗照|血|狠话|弄(?:你|他|她|残|死)|整死|收拾(?:我|你)|打断"
    r"|废了|要[^,]{0,3}好看|找人弄|黄色短信|淫秽|跟踪|学校(?:去|来|闹)"
    r"|知道我[^,]{0,6}(?:住|上学|上班)|来我家|去你家|抓(?:我|她|他|人)",
    r"天天|每天|频繁|频频|屡|接二连三|又双|一遍又一遍|整天|成天|成日|日日|一天到晚|没日没夜"
    r"|一直[^,]{0,4}(?:打|响|催|骚|发)|老是|老打|总是|总打|不停|反复|不断|连续|轮番|轮流"
    r"|没完|又(?:是|打|来|开始|响)|还(?:在|是)?打|换着打|换(?:了)?[^,]{0,4}个?号|连打|狂打"
    r"|每隔|半夜|大半夜|凌晨|大清早|三番五次|阴魂不散|从早到晚|隔三差五|变着法|穷追|纠缠",
    r"烦(?:死|人|透|$|我|不胜|得)|好烦|很烦|真烦|受不了|疯了|要疯|气死|救命|求助|崩溃|撑不住"
    r"|害怕|我怕|别(?:再)?(?:打|催|骚|来电)|不要(?:再)?(?:让[^,]{0,16})?(?:打|催|骚|来电)"
    r"|恶心|缺德|讨厌|过分|无耻|可恶|可恨|晦气|畜生|混蛋|王八|(?<![我你他她])妈的(?!妈)|他妈"
    r"|tmd|傻[逼b]|神经病|变态|不要脸|人渣|败类|狗东西|有病|该死|无语|折磨|不得安宁|闹心"
    r"|没人性|丧尽天良",
    r"\bharr?as+\w*|\b(?:garnish\w*|bad words?|unpleasant|(?:many|lots of|so much) calls?"
    r"|blow(?:s|in|ing|n|ed)? up (?:my|our|his|her) phone|break (?:my|his|her|our|your)"
    r"|no for an answer)\b|\b(?:got|took|stung|fleeced|conned|did) (?:\w+ ){1,3}for (?:\$|£"
    r"|\d)|(?:add|put|stick) № (?:to|on|in|into)\b"
    r"|(?:^\W*|\b(?:i|we|please|pls|to|must|and|a) )(?:report|block"
    r"|complaint (?:about|against)) №|\b(?:stop|do something about) №"
    r"|\b(?:must|have to|has to) pay\b|\b(?:owe|owed|payday|overdue|in my name"
    r"|rip(?:s|ping|ped)? off|vanish\w*|disappeared|ghosted|ran off|hourly"
    r"|(?:tried|tries|trying|attempted) to (?!reach|call|contact|help|tell|find|meet|ring"
    r"|phone|get|sell)\w+ (?:me|us|my \w+)|gift cards?|prize|winner|lottery|sweepstakes"
    r"|arrest\w*|bitcoin|crypto|inheritance)\b",
    r"\b(?:threat\w*|kill\w*|hurt\w*|beat(?:s|ing)?|shoot|stab|burn|rape|murder|curs\w+"
    r"|cuss\w*|swear\w*|swore|insult\w*|abus\w+|rude|obscene|filthy|dirty talk|yell\w*"
    r"|scream\w*|shout\w*|intimidat\w*|bull(?:y|ied|ying)|menac\w*|extort\w*|blackmail\w*"
    r"|ransom|kidnap\w*|knows? where (?:i|we|my)"
    r"|(?:going to|gonna|will) (?:find|get|hurt|come for) (?:me|us)"
    r"|come (?:round|over|to my|and)|nudes?|naked|leak\w*|posted my|stole|(?<!my )stolen"
    r"|sworn|demand\w*|lied|lying|robbed|(?:took|take|takes) (?:\$|£|my|a deposit"
    r"|the deposit|her|his|all|everything)|cleaned out|drained|emptied"
    r"|savings|life savings|breath(?:es|ing)|whisper\w*|moan\w*|groan\w*|dead air"
    r"|hang(?:s|ing)? up|hang-?ups?|hung up|never leaves|never speaks?|says nothing|silent"
    r"|(?:would(?: not|n't|nt)|refus\w+ to|did(?: not|n't|nt)) (?:say|give|tell)|bail"
    r"|silent calls?|deadbeat|restraining order|tricked|trick (?:me|her|him|my)|duped|conned"
    r"|fooled|lost (?:\$|£|\d|all|thousands|money|so much)|frightened"
    r"|wak(?:es|ing) (?:me|us|up)|woke)\b",
    r"\b(?:every (?:single )?(?:day|night|hour|minute|morning|week|evening|dinner|time"
    r"|lunch)|daily|all (?:day|night|week|the time|hours)|non-? ?stop|constant\w*"
    rf"|keeps? (?:on )?(?!getting)\w+in[g']?|keep (?:on )?{_CALL_EN}\w*|kept (?:on )?\w+ing"
    r"|over and over|again|wo(?:n't|nt|uldn't) (?:stop|quit|leave|take no|give up|go away)"
    r"|never (?:stops?|quits?|did|ends?|gives? up)|repeatedly|relentless\w*|bombard\w*"
    r"|at dinner|(?:at )?(?:midnight|[1-5] ?am)\b|middle of the night|hundredth|umpteenth"
    rf"|still (?:{_CALL_EN}\w*|get through)|another go|day and night|round the clock"
    r"|non stop)\b",
    r"\b(?:ugh|argh|sick of|fed up|tired of|make it stop|leave (?:me|us) alone"
    r"|stop (?:calling|texting|ringing|these|this|them|him|her)|annoy\w*|hate|blasted|bloody"
    r"|damn\w*|wretched|driving me|scared|afraid|terrified|never asked|do not call"
    r"|don'?t call|let [^,]{0,20} call me|bs|bullshit|wtf|scum\w*|vultures?|jerks?|assholes?"
    r"|idiots?|sleaz\w+|vile|disgusting|horrible|awful|nasty|evil|racket|bugger\w*"
    r"|bastard\w*|do not want|don'?t want|not interested|get lost|piss off|go away)\b",
)  # fmt: skip

_CUT = re.compile(
    r"(?<=[,;。!?\n:、~…])|(?<=\. )|(?<=\.$)|(?=(?:而|并)?不是№)|(?=\b(?:but )?not №)"
    r"|(?=(?:但是?|不过|其实|结果|可是|却|没想到|然后|后来)(?!№))"
    r"|\b(?=(?:but|however|although|though|because|so that|then it|actually it)\b)"
)
# A cue right behind one of these is denied: "not a scam", 没有威胁.
_NEGATED = re.compile(
    r"(?:不是|并非|不算|没有?|从未|未曾|未|没人|停止|不再|没再|不会再|结束)(?:了|在|过|什么"
    r"|任何|再|打|发|搞|做|干)*$|(?:\b(?:not|never|no|nor|without|isnt|wasnt|aint|stopped"
    r"|ceased|quit|no longer)|n't)(?: (?:an?|any|the|really|actually|me))?\s*$"
)
# Lists are named by what they list.
_LISTS = re.compile(
    r"(?:骚扰|诈骗|骗子|推销|举报|垃圾|黑|恶意)[^,]{0,4}?(?:名单|列表|标签|标记|库)"
    r"|\b(?:spam|scam|block|black|fraud|nuisance)[ -]?(?:list|tag|label|database)\w*"
)
_ASIDE = re.compile(r"[()\[\]【】]")
# What says nothing: a number with only these about it stands alone.
_FILLER = re.compile(
    r"№|[\s\W_]|(?:我的|这个|那个|这|那|个|手机|电话|座机|号码|号|是|的|你好|您好|谢谢|麻烦"
    r"|劳驾|拜托|了|嗯|哦|啊|呀|就|来电|对方|短信|以下|如下|和|与|及)"
    r"|\b(?:number|phone|tel|the|this|it|it's|its|was|is|from|hi|hello|hey|please|pls|thanks"
    r"|thank you|ok|here|and|mobile|cell|dear sir|dear|sir|madam|regards|to|a)\b"
)
_SHORT_QUESTION = 30  # characters; callers ask at more length
_NEAR = 12  # characters, from a denial to what it denies
_SLACK = 3  # letters that an order may have beside the words of orders
_EMPTY_QUESTION = re.compile(r"\?")
_SHORT_ASKED = re.compile(rf"^[^,]{{0,{_SHORT_QUESTION}}}\?\s*$")
_NOT_THAT_ONE = re.compile(rf"(?:(?<!是)不是|\bnot|\bisn't)\s*{N}(?!\s*(?:打|calling))")


@dataclass(slots=True)
class _Group:
    """Clauses about the same numbers."""

    numbers: list[int] = field(default_factory=list)
    clauses: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`of`: the purpose for each number, in order; `whole` that of the text. `accused`: whether a
    word accuses, outside of what is asked, denied or supposed. `defended`: whether
    one vouches for it or denies an accusation; `denied`: the latter. `asked`: whether it is asked
    about in so many words; `asked_about`: what the number is."""

    of: tuple[Purpose, ...]
    whole: Purpose
    accused: bool
    defended: bool
    denied: bool
    misdialled: bool
    asked: bool
    asked_about: bool


@dataclass(slots=True)
class _Cues:
    labels: int = 0
    claims: int = 0
    pleas: int = 0
    named: int = 0
    harms: int = 0
    doubt: int = 0
    strong_question: int = 0
    weak_question: int = 0
    asked_about: int = 0
    denied: int = 0
    vouched: int = 0
    ended_at: int = -1
    resumed_at: int = -1
    undo: int = 0
    mistaken: int = 0
    own: int = 0
    misdialled: int = 0
    spared: int = 0
    flagged: int = 0
    believed: int = 0
    words: int = 0


def judge(text: str, *, count: int, title: str = "") -> Verdict:
    """What a text wants. `text` is a view in which each of `count` numbers is written as NUMBER;
    `title`: words above it that hold for all of it, without a number."""
    title, text = spelled(title), spelled(text)
    ahead = _clauses(title.replace(N, " "))
    groups = _groups(text)
    everything = _cues([*ahead, *(clause for group in groups for clause in group.clauses)])
    whole = _decide(everything)
    of = [whole] * count
    if len(groups) > 1:
        for group in groups:
            cues = _cues(group.clauses)
            if not cues.words and _NOT_THAT_ONE.search(group.clauses[-1]):
                cues.spared = cues.words = 1
            if not cues.words:
                continue  # it says nothing of itself, so what the text says holds for it
            if ahead and _decide(cues) is Purpose.UNCLEAR:
                cues = _cues([*ahead, *group.clauses])
            for number in group.numbers:
                if number < count:  # digits that no number could be read from are none of them
                    of[number] = _decide(cues)
    return Verdict(
        tuple(of),
        whole,
        accused=bool(everything.harms or everything.claims or everything.labels),
        defended=bool(everything.denied or everything.vouched or everything.spared),
        denied=bool(everything.denied or everything.spared),
        misdialled=bool(everything.misdialled),
        asked=bool(everything.strong_question),
        asked_about=bool(everything.asked_about),
    )


def _groups(text: str) -> list[_Group]:
    """The clauses, each with the numbers it is about: its own, or else those named last. What
    stands before the first number is said of that."""
    groups: list[_Group] = []
    ahead: list[str] = []
    number = 0
    listing = False
    for clause in _clauses(text):
        named = clause.count(N)
        bare = not _FILLER.sub("", clause)
        if not named:
            if listing and not bare:
                listing = False
            (groups[-1].clauses if groups else ahead).append(clause)
            continue
        indices = list(range(number, number + named))
        number += named
        if listing and groups:  # "N、N、N are all ..." is one list
            groups[-1].numbers += indices
            groups[-1].clauses.append(clause)
        else:
            groups.append(_Group(indices, [*ahead, clause]))
            ahead = []
        listing = bare
    if not groups:
        groups.append(_Group([], ahead))
    return groups


def _clauses(text: str) -> list[str]:
    return [part for part in _CUT.split(_ASIDE.sub(",", text)) if part.strip(" \t\n,;:.。")]


def _cues(clauses: list[str]) -> _Cues:
    cues = _Cues()
    sarcastic = bool(_SARCASM.search(" ".join(clauses)))
    certain = bool(_CERTAIN.search(" ".join(clauses)))
    for place, clause in enumerate(clauses):
        clause = _NOT_THAT_ONE.sub(" ", clause)
        _cue(cues, clause, place, sarcastic=sarcastic, certain=certain)
    return cues


def _cue(cues: _Cues, clause: str, place: int, *, sarcastic: bool, certain: bool) -> None:
    if _FILLER.sub("", clause):
        cues.words += 1
    said = _SAID.search(clause)
    mine = clause[: said.start()] if said else clause  # what is the sender's own word
    remedy = bool(_REMEDY.search(clause))
    cues.doubt += bool(_DOUBT.search(clause[: said.end()] if said else clause)) and not remedy
    asked = _ASKED.search(clause)
    if asked and said and said.start() < asked.start() and said[0].startswith(("问", "ask")):
        asked = None  # what the caller asked
    if asked and not remedy:
        cues.strong_question += 1
        cues.asked_about += bool(_ABOUT.search(clause))
    elif _EMPTY_QUESTION.search(clause) and not remedy and not certain:
        cues.weak_question += 1
        cues.asked_about += len(clause) < _SHORT_QUESTION and bool(_LABELS.search(clause))
    if _OWN.search(clause):
        cues.own += 1
    flagged = bool(_FLAGGED.search(clause))
    cues.flagged += flagged
    denied = bool(_DENIED.search(mine))
    vouched = False
    if denied:
        cues.denied += 1
    elif (
        not asked
        and not sarcastic
        and not _EITHER.search(mine)
        and (_VOUCHED if said else _VOUCHED_FOR).search(mine)
    ):
        vouched = True
        cues.vouched += 1
    plea = bool(_PLEA.search(mine))
    if plea or _SPARED.search(mine):
        cues.pleas += plea
        cues.spared += 1
        denied = True
    cues.named += not asked and not sarcastic and not said and bool(_NAMED.search(mine))
    ended = _ENDED.search(mine)
    if ended and denied and not _SINCE.search(mine):
        ended = None  # "is not harassing me" never was
    if ended:
        cues.ended_at = place
    if (_RESUMED_THERE if ended else _RESUMED).search(clause, ended.end() if ended else 0):
        cues.resumed_at = place
        ended = None
    if _UNDO_VERB.search(mine):
        if len(_UNDO_REST.sub("", _UNDO_VERB.sub("", clause))) <= _SLACK:
            cues.undo += 1
            return
        cues.doubt += 1
    mistaken = bool(_MISTAKEN.search(mine))
    cues.mistaken += mistaken
    if _MISDIALLED.search(clause):
        cues.misdialled += 1
    believed = bool(_ONCE_BELIEVED.search(mine) or _WRONGLY_SAID.search(clause))
    cues.believed += believed
    supposed = bool(_SUPPOSED.search(clause))
    if asked or denied or flagged or believed or supposed or mistaken or ended:
        return
    if hedged := _HEDGED.search(mine):
        cues.doubt += 1
        clause = clause[: hedged.start()]
    if _SHORT_ASKED.search(clause) and not remedy and not certain:
        return
    if remedy:  # "how do I report" complains of nothing yet
        clause = _REMEDY.sub(" ", clause)
    clause = _LISTS.sub(" ", clause)
    if (
        any(_unless_denied(cue, clause) for cue in words.ACTS)
        or find_count(clause) >= REPEATED
        or _unless_denied(_HARMS, clause)
    ):
        cues.harms += 1
    elif _unless_denied(_CLAIMS, clause):
        cues.claims += 1
    elif (
        _unless_denied(_LABELS, clause)
        or find_count(clause) > 1
        or (not vouched and _unless_denied(_TRADES, clause))
    ):
        cues.labels += 1


def _unless_denied(cue: re.Pattern[str], clause: str) -> bool:
    denied_until = -1
    for match in cue.finditer(clause):
        if _NEGATED.search(clause, max(match.start() - _NEAR, 0), match.start()):
            denied_until = match.end() + 1
        elif match.start() > denied_until:
            return True
        else:
            denied_until = match.end() + 1  # "not a debt collector" denies both words
    return False


def _decide(cues: _Cues) -> Purpose:
    open_ = cues.doubt or cues.weak_question
    accused = bool(cues.harms or (not open_ and (cues.claims or cues.labels)))
    if cues.own:
        return Purpose.OWN
    if cues.undo or (cues.mistaken and not accused and not cues.misdialled):
        if cues.vouched and not cues.mistaken:
            return Purpose.LEGITIMATE
        return Purpose.UNDO if not (cues.mistaken and accused) else Purpose.UNCLEAR
    if cues.strong_question:
        return Purpose.QUESTION
    if cues.ended_at >= 0 and cues.resumed_at >= cues.ended_at and accused:
        return Purpose.REPORT
    if cues.ended_at >= 0:
        return Purpose.STOPPED
    corrected = cues.named and (cues.believed or cues.flagged)
    if cues.denied or cues.vouched or cues.spared or corrected:
        if accused:
            return Purpose.UNCLEAR
        good = cues.vouched or cues.denied or cues.pleas or corrected
        return Purpose.LEGITIMATE if good else Purpose.UNCLEAR
    if cues.misdialled or cues.flagged:
        return Purpose.UNCLEAR
    if accused:
        return Purpose.REPORT
    if cues.weak_question:
        return Purpose.QUESTION
    return Purpose.UNCLEAR if cues.words else Purpose.BARE
