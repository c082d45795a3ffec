"""The cues of purposes, by class, Chinese before English: asking, denying, vouching, taking back,
the sender's own number, calls that ended.

The patterns search a view (view.py), in which each number is written as NUMBER.
"""

import re

from reputation.intake.grammar.view import NUMBER as N


def any_of(*classes: str) -> re.Pattern[str]:
    """A pattern that matches any of these classes of words."""
    # ASCII, so that an English word ends where Chinese begins.
    return re.compile("|".join(classes), re.ASCII)


# --- What people call a bad number, a good one, and what they do ---

BAD_ZH = r"(?:诈骗|骗子|骗人|骗钱|骗|骚扰|垃圾|推销|催收|催债|讨债|坏人|黑社会|广告|恶意|传销|钓鱼)"
BAD_EN = (
    r"(?:scam\w*|spam\w*|fraud\w*(?! ?(?:dep|team|prevention|protection|alert|line|squad"
    r"|unit|desk))|fake|phish\w*|cheat\w*|liar|nuisance|harass\w*|robo-? ?calls?|robocaller"
    r"|telemarket\w*"
    r"|con ?(?:man|artist)|crook|criminal|debt collect\w*|dodgy|suspicious|threat\w*|bad"
    r"|unwanted|junk|hoax)"
)
GOOD_ZH = (
    r"(?:快递|外卖|顺丰|中通|圆通|申通|韵达|京东|邮政|菜鸟|驿站|配送|跑腿|闪送|送水|送货"
    r"|送餐|同事|同学|室友|舍友|搭档|战友|发小|老师|辅导员|班主任|家长|家教|村支书|支书|村长"
    r"|村医|里长|书记|网格员|街道|朋友|闺蜜|闺女|自己人|亲戚|哥|姐|弟|妹|叔|姨|舅|姑|婶|嫂"
    r"|伯|侄|甥|娘|婆家|丈人|媳妇|对象|男友|女友|姥|爷|奶奶|爸|妈"
    r"|老婆|老公|女儿|儿子|孩子|孙|邻居|家人|家里人|物业|医院|医生|大夫|牙医|牙科|诊所|社区"
    r"|居委|学校|幼儿园|法院|书记员"
    r"|民警|派出所|警察|社工|银行|客服|司机|师傅|保姆|阿姨|房东|租客|中介|客户|领导|老板"
    r"|单位|公司|机构|协会|志愿|慈善|图书馆|消防|交警|律师|家政|警官|护士|护工|月嫂|药店"
    r"|维修|装修"
    r"|教练|驾校"
    r"|正规|正常|正经|真的|好人|靠谱|官方|本人认识|熟人|工作人员|热心|车主|挪车|航空|酒店"
    r"|餐厅|4s店|保安|回访)"
)
GOOD_EN = (
    r"(?:dentist\w*|doctor\w*|dr\b|gp\b|surgery|nurse|detective|hotline|helpline|officer"
    r"|investigator|journalist|school\w*|teacher|college|university"
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
CALL_ZH = r"(?:打|来电|来搅|搅|骚扰|联系|联络|催|响|找|烦|吵|闹|搞|整|缠)"
CALL_EN = (
    r"(?:call|ring|text|bother|harass|contact|bug|phon|pester|annoy|spamm|hassl|messag|buzz"
    r"|troubl|disturb|hound)"
)

# --- Cues ---

DENIED = any_of(
    r"(?<!是)(?<!能)(?:不是|不係|并非|并不是|算不上|不算)(?:什么|个|一个|那种|搞|做|打"
    rf"|在)?{BAD_ZH}|(?<!有)没(?:有|再)?{BAD_ZH}(?:过|我|人|钱|你|谁)"
    rf"|(?<!是)(?:不是|并非)[^,是不]{{0,4}}(?:电话|来电)?{BAD_ZH}"
    rf"|从(?:来)?(?:没|未)(?:有)?{BAD_ZH}|(?<![是能要会该])不(?:骗|诈骗|骚扰|坑)(?:人|我"
    rf"|钱)?|(?:没有?|无)(?:恶意|问题)|(?<![是除])非{BAD_ZH}"
    rf"|不(?:太|大|怎么)?像(?:是|个)*{BAD_ZH}|不是我(?:要|想)?举报"
    r"|(?<!有)没(?:有)?(?:让|叫|要|逼|骗|吓|问)我",
    r"(?:\b(?:not|aint|isnt|wasnt|arent)|n't)\s+(?:\w+ing )?(?:an?|the|any|really|actually"
    r"|some|your|one of (?:the|those)|me|us)?\s*(?:a |an )?(?:phone |known |real |text "
    rf"|bank |actual )?{BAD_EN}"
    rf"|\bnever (?:once )?(?:{BAD_EN}|bother\w*|annoy\w*)"
    rf"|\b(?:did|does|has|have|do)(?:n't|nt| not) (?:{BAD_EN}|bother\w*|annoy\w*) (?:me|us"
    r"|any)|\b(?:does|did|do)(?:n't|nt| not) (?:seem|look|sound"
    rf"|appear) [^,]{{0,12}}{BAD_EN}|\b(?:it|that|this|he|she|they)(?:'s| is|'re"
    r"| are) not\W*$|\bno (?:scam|spam|fraud|threat|nuisance|problem with|issue with"
    r"|harm)\w*\b",
)
VOUCHED = any_of(
    r"(?<![不的老总还又因])(?:是|系|为)(?![^,]{0,3}(?:不是|吗))(?![^,]{0,9}(?:欠|借"
    rf"|惹))[^,是不吗?打骂骗催吓逼哪谁]{{0,10}}{GOOD_ZH}"
    r"|(?<![不的老总还又因])(?:是|系)(?:来|上门|专门|负责|帮我|给我|我们?家)?(?:送|修|装|抄"
    r"|维护|安装|通知|回访|收|教|接)[^,是不吗?]{1,6}的"
    r"|(?<![不的老总还又因])(?:是|系)(?:我|我们|我家"
    r"|咱)(?!的?(?:号|手机|电话|要|举报|前|仇"
    r"|债))[^,是不吗?打骂骗催吓逼欠借惹]{1,5}[,。!~ ]*$",
    r"(?:\b(?:is|was|are|be|it's|its|that's|thats|they're|theyre|he's|she's|hes|shes|№'s|№s"
    r"|'s)|=)(?! not| no\b|n't)\s+(?:\w+\s+){0,1}?(?:just|really|only|actually|probably"
    r"|in fact|a|an|the|my|our|me|from|perfectly|quite|totally|all"
    rf"|one of)?\s*(?:(?!not\b|scam|spam|fake|no\b)[\w'-]+\s+){{0,3}}?{GOOD_EN}"
    r"|\b(?:phone |cell )?number of (?:my|our)\b"
    r"|(?:\b(?:is|was|it's|its|that's|thats|he's|she's|hes|shes|№'s|belongs to)"
    r"|=)\s+(?:just |only |actually |really )?(?:my|our)\s+(?!ex\b|ex-|stalker|night|harass"
    r"|scam|spam|favou?rite|best|worst|number|phone|cell|mobile|line|own|business|home|old"
    r"|new number|problem|enemy|turn|fault|last)[\w']+",
)
EITHER = any_of(r"还是(?!打|在|不停|每|天)", r"\bor\b")
# Vouching without a verb: then the whole clause must be the sender's.
VOUCHED_FOR = any_of(
    VOUCHED.pattern,
    r"^\s*+№\s*+(?:我(?:们"
    rf"|家)?的?)?[^,不说骗假冒打给骂催有扰威吓烦找贷诈债?]{{0,4}}{GOOD_ZH}(?!电话|信息|短信"
    r"|推销|培训|贷|名义)[^,不吗?打给骂有让叫]{0,3},?\s*$|靠谱|很?正规的?$|没问题|可以放心"
    r"|放心接|核实过|已核实|(?:没|无)(?:有)?恶意|好人|正常的|没事(?!就|找|干|老|总|天天|儿)"
    r"|查清|(?:确实|的确|果真|真的)是[^,?骗诈]{2,}|核对过|认识的人|熟人|确认(?:过|了)"
    r"|(?:打过去|回拨|问过)[^,]{0,4}(?:确认|核实|没错)|放(?:他|她|它|人家)?出来",
    r"^[ \-,:]*+№[ \-,:.]*+(?:just |only )?(?:my |our |me "
    r"|the )?(?:(?!scam|spam|fake"
    rf"|(?!retired|trusted)\w+ed\b)[\w']+ )?{GOOD_EN}(?:\s+[\w']+){{0,3}}\W*$"
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
# "№, the nurse who calls me every day": the caller's acts belong to their description.
APPOSED = any_of(
    rf"^\s*№[^,?假冒骗装自说]{{0,16}}的{GOOD_ZH}[,。!]*\s*$",
    rf"(?:只|就)是[^,?假冒骗装自说]{{0,10}}的?{GOOD_ZH}[,。!]*\s*$",
)
ASKED = any_of(
    # Whether: 吗, A不A, 还是, 真的假的.
    r"(?<!什)(?<!要)吗|[\u4e00-\u9fff](?<!差)不\s*[?呀啊]?$|嘛\s*\??$"
    r"|(?:^|\W)(?:不会|该不会|难道|莫非|会不会)[^,]{0,12}(?:吧|\?)"
    r"|(?!是不是|要不要(?:买|办|贷|投|钱|装|租|卖|加|了解|考虑))([\u4e00-\u9fff])不\1(?!疯"
    r"|让|管|封|帮|处理|别|叫|停)|(?:是|系)(?:哪|边|谁|乜|咩|啥|什么)|边(?:个|度)|属实"
    r"|([\u4e00-\u9fff]{2})不\2|(?:真|假|正规|好人|官方|快递|银行)的?还是|[是系]咪"
    r"|(?<![什怎那这多要])么\s*\??$|是不是(?!疯|有病|有毛病|神经|脑子|闲|想|傻|吃)|是否"
    r"|有没有|能接|能不能[接信]|该不该|要不要[接信回]|可不可[信靠]|可以接|真的假的|真假"
    r"|是真是假",
    r"(?:业务|规定|这回事|这种事|骗过人|这么做|道理|可能)(?:没有?|不)\s*[?]?$"
    r"|(?:会|能)这[样么][^,]{0,5}(?:吗|么|\?|$)",
    r"(?:冒充|骗|假|诈)[^,]{0,4}还是(?:真|正)",
    # Who and what.
    r"(?:是|找|知道|啊|\s|№)谁|谁(?:的|呀|啊|家|打|知道|认识)|(?<!任)何人"
    r"|什么(?:号|电话|人|来头|来历|公司|单位|地方)|啥(?:号|电话|人|玩意|来头|地方|公司)"
    r"|是什么|是啥|(?:干|做|搞)(?:啥|什么|嘛)(?:的|使|用)|嘎哈|来路|哪位"
    r"|(?:啥|什么|怎么个?)(?:情况|回事)|何方|有[无没]人(?:知|认|接|晓)"
    r"|哪(?:里|儿|的|个|家|位)[^,]{0,4}(?:的|号|电话|是|公司)|哪里?的",
    # Look it up, I am not sure, can it be trusted.
    r"(?<![调核检审巡严彻抽复搜警])查(?:一)?(?:下|查|询|看)"
    r"|(?<![调核检审巡严彻抽复搜警])查\s*№|(?:帮|替|给|劳烦|麻烦)(?:我|忙|咱|给)*(?:看|查|问"
    r"|瞅|瞧)|(?:^|我|想)问(?:一)?(?:下|问|声)|请问|想知道|想了解|不确定"
    r"|不知道[^,]{0,3}(?:是不是|是否|真假)|不(?:知道|清楚|晓得|懂|确定)(?:是|到底|究竟"
    r"|对方是)|拿不准|怀疑|可信|能信|能相信|信得过|有人知道|有人接过|有没有?(?:人|记录)|有毒"
    r"|咨询|打听|[吧呢]\s*\?",
    # Who.
    r"\b(?:who(?:'s|s| is| was| are| calls?| called| rings?| rang| owns?| has| does| do| did"
    r"| the| dis)|whose|whos)\b(?! (?:harass|keep|bother|threat)\w*)",
    # Is it, does it, should I.
    r"^\W*(?:(?:hi|hey|hello|please|pls|so|and|but|or|um|ok|dear all|sorry"
    r"|excuse me)\W+)*(?:is|are|r|was|were|does|do|did|has|have|had|could|would|will|can"
    r"|should|shud|shall|might|may|am|isn't|isnt|aren't|wasn't|doesn't|don't)\s+"
    r"(?:this|it|that|these|those|№|he|she|they|you know|u know|you tell|you check|you look"
    r"|i answer|i call|i ring|i pick|i trust|i ignore|i report|i worry|we call|we trust"
    r"|the number|any ?(?:one|body)|you (?:any|got|have|had|think|recogni[sz]e|trust|happen)"
    r"|there (?:any|a)|others|people|other \w+|many|u sure|you sure|i right|i wrong|i crazy"
    r"|i being|my (?:mum|mom|dad|bank|son|wife|husband) right"
    r"|there anything)(?!\w)(?! (?:reading|there|help))",
    r"\b(?:would|do|does|can|could|will) (?:the |a |an |my |they|he|she|it|any)?"
    r"(?:\w+ ){0,3}?(?:do|ask|work|allowed)\b(?: (?:that|this|for|like)\b| *$)",
    r"^[\s,.;]*(?:does|do|would|will|could|can|should) (?:the|a|an|my|your|any) \w+ "
    r"(?!which|who|that)",
    # Real or not.
    r"\b(?:is (?:this|it|that|№) (?:a |an |the |really |for )?(?:real|legit|genuine|scam"
    r"|spam|safe|true|known|fraud|ok|bank|fake)|is this)\b",
    # What.
    r"\b(?:what(?:'s|s| is| was) (?:№|this|that|it)(?!\w)(?! (?:service|about)\b)"
    r"|which (?:company|one)\b|what (?:company|number|kind|sort)\b)"
    r"|\b(?:scam|spam|legit|real|safe|fraud|genuine|fake|bank|trustworthy)\s*\?",
    # Look it up.
    r"^\W*(?:(?:please|pls|can you|could you|can u|hi|hey|hello|kindly|just)\W+)*(?:check"
    r"|look ?up|lookup|search|verify|identify"
    r"|info)\b(?: (?!your|my|our|account)[\w']+){0,4}? ?(?:№"
    r"|(?:this|that) (?:number|one|caller)|if\b|whether\b|who\b)"
    r"|\bcheck (?:out )?(?:this |the )?(?:number )?№|tell me (?:about|if|who|what|whether)|"
    # Does anyone know, I wonder, tell me.
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
# Questions about the number itself, which no caller asks.
ABOUT = any_of(
    r"谁|哪|什么号|啥号|骗|诈|骚扰|真的|真假|假的|可信|能信|靠谱|安全吗",
    r"\b(?:scam\w*|spam|fraud\w*|legit|real|fake|genuine|whose|who|this number|safe)\b",
)
# Words that leave a statement open. "Maybe a scam" lists nobody.
DOUBT = any_of(
    # Errands of honest callers.
    r"预约|约好|约了|送货|取件|取餐|面试|复诊|复查|订单|订的|下单|通知|开会|家长会|缴费单"
    r"|作业|回家|吃饭|平安|[去来](?:取|拿|领)|没接(?:到|着|上)",
    # The same in English.
    r"\b(?:appointment|booking|booked|prescription|refill|delivery|my order|ordered"
    r"|test results|meeting|interview|reservation|rota|reminder|quote i|service is due"
    r"|engineer|fix(?:ed|ing)?|about (?:my|our|the) (?:parcel|package|order|job|application"
    r"|child|kids?|son|daughter|dog|cat)|repair\w*|mend\w*|install\w*)\b",
    # Maybe.
    r"可能|好像|似乎|也许|或许|应该是|听说|还是(?!打|在|不停|每|天)|不知道|不清楚|不晓得"
    r"|拿不准|像是|感觉像|估计|疑似|属实|谁|哪(?!怕)|什么|啥|咋|凭啥|为何|几个意思|乜"
    r"|边(?:个|度)|[吧呢嘛么]\s*$",
    r"\b(?:(?<!man )(?<!woman )(?<!person )(?<!people )(?<!guy )(?<!one )(?<!, )who|whose"
    r"|which|what|how|if|whether|maybe|perhaps|do you|do u|d'you|did you|have you|reckon you"
    r"|know about|any (?:report|info|news|idea|thought|complaint|history|word)\w*|might"
    r"|may be|possibl[ey]|probably|suppos\w+|sure|certain|looks like|seems?|sounds like"
    r"|guess|think|thinks|suspect|believe|or (?:not|nah|no|what|is|are|just|something))\b",
)
# After these words the sender tells what may not have happened.
HEDGED = any_of(
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
# Words that leave nothing open, whatever punctuation follows.
CERTAIN = any_of(
    r"无疑|实锤|(?:肯定|绝对|铁定|百分百|妥妥|明显|显然|就)是(?:个)?(?:骗|诈|骚)",
    r"\b(?:definitely|100%|no doubt|clearly|obviously|confirmed|certainly)\b",
)
# Asked for help against a number, not about it.
REMEDY = any_of(
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
ENDED = any_of(
    r"(?<!我)(?<!也)(?:(?<!别)(?<!不要)(?:不再|没再|没有再|未再|不会再|没怎么"
    rf"|不怎么)[^,]{{0,3}}?{CALL_ZH}|(?:不|没|没有){CALL_ZH}(?:电话|来|过来|扰|我"
    r"|给我)*了(?!还)|(?:天|周|月|久|最近|再|现在)(?:都)?(?:没|没有"
    rf"|不)[^,]{{0,2}}{CALL_ZH}(?:过|来|电话|扰|了)*)"
    r"|(?<!没)(?<!不)(?<!没有)停(?:了|止|下来)(?!水|电)|消停"
    r"|现在(?:都|已经)?(?:不|没)(?:了|再|会|$)|和解|(?:问题|事情)(?:已经)?解决"
    r"|没(?:有)?敢再(?:打|来|烦|$)|(?:终于|总算)(?:是|也)?(?:没|不|停)"
    r"|没(?:有)?(?:动静|声音?了|声息|消息了)|安静了|清净了|老实了|消失了"
    r"|(?<!别)没(?:有)?(?:敢)?再(?:[^,]{{0,4}}(?:打|烦|来|找|骚扰|催|联系)|$)"
    r"|再(?:也)?(?:没|不敢)[^,]{{0,4}}(?:打|烦|来|找|骚扰|催|联系)|不敢再|放过我"
    r"|再也没|不(?:来|打|催|骚扰|联系)(?:电话)?了(?!行不行|好吗|吧)"
    r"|一[个次条通](?:都|也)没(?:有)?(?:打|来|发|接|收)",
    r"(?<!never )(?<!n't )(?<!not )(?<!nt )\b(?:has |have |had |finally "
    rf"|now )?stopped (?:{CALL_EN}\w*|now\b|since)"
    r"|(?<!never )(?<!n't )(?<!not )(?:calls?|they|he|she|it|texts?|№) (?:has |have |had "
    r"|finally |all )*stopped\b(?! (?:answer|work|pay))"
    rf"|\bno longer (?:\w+ )?{CALL_EN}\w*|(?:(?:\b(?:he|she|it|they|who|that|and|also|this"
    r"|number)|№) (?:do|does|did|has|have|is|are)(?: ?n't|nt| not)"
    rf"|\b(?:does|has|have|is)(?:n't|nt| not| never)) {CALL_EN}\w*(?: (?:me|us"
    r"|here))? (?:any ?more|since|again|in|for)\b|\bnot any ?more\b"
    r"|\bno (?:more |further |new )?(?:calls|texts|contact"
    rf"|messages)(?: \w+){{0,3}} {N} (?:lately|since|now|recently|for|in|this)"
    r"|\bno (?:calls|texts|contact|messages) (?:since|lately|anymore|any more|for|in weeks)"
    rf"|\bno more (?:calls|texts|messages|rings|{CALL_EN}\w*)"
    r"|(?:gone|went) (?:quiet|silent|away)|(?:quit|ceased|given up|gave up"
    rf"|finished) {CALL_EN}\w*|\b(?:have|has|had)(?:n't|nt| not) (?:heard|called|rung|rang"
    r"|texted|phoned|had a call|been called)|\bsettled\b|\bresolved\b"
    r"|\bit'?s (?:all )?over\b|\bleft (?:me|us) (?:alone|in peace|be)|all quiet"
    r"|\b(?:gave|given) (?:it|me) a rest|\bpacked it in|\bnot? a peep"
    r"|n't had (?:a |any |another )?(?:peep|call|word|bother)|all good now"
    r"|silen(?:ce|t) (?:since|ever since|now)|\bgone for good"
    r"|peace (?:at last|and quiet|now)|\bdied down|\bbacked off"
    r"|\bheard nothing (?:since|more|from)|\bcalls have ended|\bno (?:further|more) \w+ from"
    rf"|\b(?:no|not) {CALL_EN}\w* (?:me|us)? ?(?:any ?)?more\b"
    r"|\b(?:finally|at last) (?:stopped|quit|chilled|gave|shut|went|left|leaving|quiet)"
    rf"|\b(?:gave|given|give) up\b|\b(?:is |now |are )+not {CALL_EN}\w*"
    rf"|\b(?:he|she|they|it|№) stop(?:s|ed)? (?:to )?{CALL_EN}\w*"
    r"|\bnever heard from (?:him|her|them|it|№) again\b"
    r"|\bused to (?:spam|scam|harass|threaten|call|ring|text|bother|annoy|pester|hound)\w*"
    r"|\b(?:threats?|calls?|texts?|harassment|abuse|messages)\b[^,]{0,20}"
    r"\b(?:have |has |had )?(?:ended|ceased|dried up)\b|\bpacked (?:it |them )?in\b|\bquiet since\b"
    r"|\bno (?:more|further) (?:\w+ ){0,2}(?:calls|texts|messages) from\b|\bleft (?:me|us) alone\b"
    r"|\bto stop and (?:he|she|they|it) did|\bit (?:has )?ended"
    r"|\bnot (?:a single|one) call since",
)
SINCE = any_of(r"\b(?:any ?more|since|again|no longer|lately)\b", r"再|了")
RESUMED = any_of(
    r"又|还(?!钱|款|清|贷)|继续|再次|卷土重来",
    r"\b(?:again|back|started|resumed|continue\w*|restart\w*|now (?:he|she|they|it|from))\b",
)
# In such a clause, "has not called again" does not mean that calls resumed.
RESUMED_THERE = any_of(
    r"又|还(?!钱|款|清|贷)|继续|\b(?:but|then|until|now|back|started|resumed|restarted)\b"
)
# A clause that says "take it back", and its object.
UNDO_VERB = re.compile(
    r"(?:撤(?:销|回|掉|了)?|收[回返]|不(?:再)?(?:举报|投诉)|取消|删掉|删除|删了|去掉|移除"
    r"|清除|作废|不算(?:数)?|不作数|作罢|忽略|当我没(?:说|发|报)"
    r"|\bundo\b|\bwithdraw\w*|\bretract\w*|\bcancel\w*|\bdelet\w+|\bremov\w+|\berase\w*"
    r"|\bscrap\b|\brevoke\b|\brescind\b|\bdisregard\b|\bignore\b|\bforget\b|\bvoid\b"
    r"|\bscratch\b|\bstrike\b|\bnever ?mind\b|\bnvm\b|\bpull\b|\bdrop\b"
    r"|\btak(?:e|ing) (?:it |that |this |him |her |them |№ )?(?:back|down|off))"
)
UNDO_REST = re.compile(
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
MISTAKEN = any_of(
    r"(?<!你们)(?<!你)(?<!您)(?<!平台)(?<!系统)(?:举报|投诉|标记|标|报|弄|搞|发|点|按|填|输"
    r"|写|看)错|误报|误举报|误操作|误点|手滑|手误|打错字|(?:上次|刚才)[^,]{0,4}错",
    r"\b(?:reported|sent|filed|marked|typed|did"
    r"|flagged) (?:\w+ ){0,4}?(?:by (?:mistake|accident)|in error|wrongly|accidentally)"
    r"|\bby (?:mistake|accident)\b|\b(?:my|a|made a) mistake\b|\bwrong number reported\b"
    r"|\baccidentally reported|\bi was wrong\b|\bgot it wrong\b|\bmy bad\b|\btypo\b",
)
MISDIALLED = any_of(
    r"(?:打|拨|按|找)错(?!号)|(?<!报)错号|认错人",
    r"\b(?:(?:dial|call|ring|phon)\w*|rang) (?:me |us |here )?(?:by|in) (?:mistake|error"
    r"|accident)|\b(?:wrong number|misdial\w*|miss-?dial\w*"
    r"|looking for (?:someone|somebody|a man|a woman)|meant to (?:call|ring)|honest mistake"
    r"|dial\w* (?:it |me )?wrong\w*)\b",
)
OWN = any_of(
    # My number №.
    r"(?:(?<!给)(?<!找)(?<!打)(?<!把)我|本人|我们|我司|我方|咱|俺)(?:自己|本人|公司|单位|店"
    r"|店里|家|家里|铺|厂|诊所|工作室|的|里|那|个|新|工作|办公){0,5}(?:手机|电话|座机|号码"
    rf"|号|热线|本机){{1,3}}(?:码|为|是|:|[ (-]){{0,4}}\s*{N}",
    # № is my number.
    rf"{N}\s*(?:这|此)?(?:个)?(?:号码|号|电话|手机)?(?:就|才|其实|现在|可)?(?:是|系)(?:我"
    r"|本人|我们|我司|咱们?|俺)(?:自己|本人|公司|们|单位|店|店里|家里?|诊所|正在|在|的|新"
    r"|工作|个人){0,5}[^,妈爸老女儿朋同亲哥姐弟妹报标举打]{0,4}(?:手机|电话|号码|号|座机"
    rf"|本机|热线|用的|在用)|{N}\s*(?:是|系)(?:我|本人|我们|咱)的$",
    # Why do you mark it; I am its holder.
    r"(?:你们|为(?:什么|何|啥)|凭(?:什么|啥)|干嘛|怎么)[^,]{0,8}(?:标|挂|拦截?|封)(?:记|我"
    rf"|了|我的|我们的)*\s*{N}|{N}\s*我(?:自己|本人)(?:用|使|办)"
    rf"|{N}(?:这个号)?(?:是|系)我(?:的"
    r"|自己)?(?:[^,妈爸老女儿朋同亲哥姐弟妹报标举打]{0,4})(?:的|用的)?(?:号|电话|手机|卡)"
    rf"|我(?:新)?(?:办|买)的(?:新)?(?:卡|号码?)\s*{N}|新(?:办|买)的(?:卡|号码?|手机号)\s*{N}"
    rf"|我(?:就)?是(?:号码)?\s*{N}|{N}的?(?:机主|主人|使用者|用户|号主|持有人)|机主(?:本人)?"
    r"|(?<![给找打把被])我(?:(?:这|那)个?号?|的)\s*№"
    r"|是本人(?:的|号)|(?:我|本人)(?:的|自己的)?(?:号码|号|手机号|电话)(?:码)?(?:老|总"
    r"|一直)?被[^,]{0,6}(?:标|举报|拦|封|误|拉黑)|本人号码"
    r"|(?:那|这|它)(?:就|可|才)?(?:是|系)(?:我|本人|咱)(?:自己|本人|们)?的?(?:号|电话|手机)"
    r"|(?:我|本|敝)(?:所|司|店|院|校|厂|馆|社|处|队|公司)[^,]{0,8}(?:手机|电话|座机|号码?"
    rf"|热线)+\s*{N}\s*(?:被|遭)|^\s*本人[^,]{{1,8}},"
    r"|^\s*(?:我|我们|咱)(?:是|开|做|跑|送|在|搞|经营)[^,№]{1,12}(?:电话|手机|号码?"
    r"|热线){1,2}\s*№|我姓[^,]{1,3},?$",
    # English: my number №.
    r"\b(?:my|our)(?: \w+'s)?(?: (?:own|cell|mobile|business|home|work|office|phone"
    r"|telephone|new|company|shop|store|personal|main|land|direct"
    r"|work)){0,4}(?: ?(?:number|phone|cell|mobile|line|landline|telephone|no\.?"
    rf"|#)){{1,3}}(?: (?:number|is|at|on)){{0,3}}\s*[:=,-]?\s*{N}",
    # № is my number, mine, me.
    rf"{N}(?:'s| is| was|,| -){{0,3}} ?(?:actually |also |in fact )?(?:my"
    r"|our)(?: (?:own|cell|mobile|business|home|work|office|phone|telephone|new|company"
    r"|personal|main)){0,4}(?: ?(?:number|phone|cell|mobile|line|landline))"
    rf"|{N},? (?:that'?s|this is) me\b|\bi(?:'m| am) {N}"
    rf"|{N}(?: is|'s)? (?:mine|ours)\b|\bi own\b[^,]{{0,12}}{N}"
    rf"|{N}(?: is|'s) our (?:\w+ ){{0,2}}?\w+'?s (?:number|line|phone|landline)"
    rf"|{N}(?: number)?(?: is|'s) (?:me|us)\b|\bwe(?:'re| are) (?:a|an|the) [^,]*,$"
    rf"|\b(?:my|our) {N}|\bi(?:'ve| have) had (?:the number |my number )?{N}"
    rf"|\bi (?:use|pay for|registered|have|got) {N}\b|^\s*(?:mine|ours),"
    r"|\bmy own (?:\w+ )?(?:line|number|phone|cell|mobile|sim) (?:be|is|na)\b"
    r"|\b(?:be|is|na|it'?s|that'?s) my own (?:\w+ )?(?:line|number|phone|cell|mobile|sim)\b"
    r"|\bbelongs? to (?:me|us)\b"
    r"|\b(?:why am i|i am|i'm|im) on (?:your|the|a) (?:spam |scam |black ?)?list"
    r"|\bi'?m the (?:owner|holder|subscriber)|\bi am the (?:owner|holder|subscriber)",
    # My number is marked.
    r"\b(?:marked|flagged|listed|blocked|spoof\w*|using|faking) (?:my"
    r"|our) (?:\w+ ){0,2}?(?:number|phone|line|cell)"
    r"|\bmy (?:own )?(?:number|phone) (?:is|was|has been|got|gets) (?:\w+ )?(?:marked"
    r"|flagged|listed|blocked|spoofed)",
)
# A sender who asks us to leave a number in peace defends it.
PLEA = any_of(
    r"(?:别|不要|莫|勿|不用|不该)(?:去|再|人|要|乱|瞎|给)*(?:当(?:成|作)?(?:骗|坏|诈)|举报"
    r"|标记?|拉黑|屏蔽|投诉|封|拦"
    r"|误拦|误伤)(?!.*不听)",
    r"(?:\bdo(?:n't|nt| not)|\bno need to|\bplease not|\bstop) (?:report|block|list|flag"
    r"|mark|blacklist)\w*|\bleave № (?:be|alone|in peace)\b",
)
# A sender who denies having reported a number does not yet defend it.
SPARED = any_of(
    r"(?:不|没|没有|未|从没|不想)(?:去|再|人|要)?(?:举报|标记|标成|拉黑|屏蔽|投诉|封"
    r"|拦截)(?!.*不听)",
    r"(?:\bdid(?:n't|nt| not)|\bnever) (?:report|block|list|flag|mark|blacklist)\w*",
)
# Statements that a number belongs to somebody: they defend it if the text also denies or corrects
# something.
NAMED = any_of(
    r"(?<![不的老总还又因说自])(?:是|系|为)(?!不是|吗|谁|哪|什|啥|不|假|骗|诈|骚|垃|推"
    r"|催)[^,?]{2,}",
    r"(?:\b(?:it|that|this|he|she|№|they)(?:'s| is| was|'re| are)|\bits|\bhes"
    r"|\bshes) (?:just |only )?(?:really|actually|a|an|the|our|my|from)\s+\w+",
)
