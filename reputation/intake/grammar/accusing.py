"""The words that accuse a number, by class, Chinese before English.

Labels, trades and claims count only if nothing leaves them open; a caller's acts count unless they
are denied.
"""

from reputation.intake.grammar.cues import CALL_EN, any_of

# Names for a bad caller. People often ask, deny or suppose these, so in doubt they do not count.
LABELS = any_of(
    # Insulting names for a caller.
    r"诈骗|骗子|骗局|骗人|骗钱|骗术|骚扰|垃圾|流氓|黑社会|传销|电诈|恶意|坏人|坏蛋|套路"
    r"|高利贷|推销|广告|促销|营销|冒充|假冒|假扮|假装|自称|谎称|冒我"
    r"|催(?!我?(?:交(?!钱|费|款)|起床|吃|回|还书|水费|电费|气费|物业))|讨债|逼债|追[债数]"
    r"|扮(?:差|警|成|作)|骗徒"
    r"|割韭菜|钓鱼|木马|录音|反映|引诱|诱[骗拐惑]|勾引|哄(?:走|骗|我|老)|呃(?:了|人|钱|晒)"
    r"|小心|当心|避雷|警惕|提防|别(?:接|信|上当|理)|机器人|语音|问卷|民意|民调|调查的|忽悠"
    r"|害人",
    # Orders to report and block.
    r"(?<!被)(?:举报|投诉|报案|查处|曝光|封(?:了|掉|号|杀)|拉黑|管管|处理|拦截)",
    # The same in English.
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
)
# Acts and losses of the sender, which accuse no caller.
BLAMELESS = any_of(
    r"(?:我|本人)(?:不小心|曾经?|刚才?|还|也|就)*(?:骂|欠|威胁|骚扰|吓|骗)(?:了|过"
    r"|着)?\s*№(?:的?钱|钱)?|№[^,]{0,2}欠我的?钱",
    r"№的?(?:人|主人|机主)[^,我]{0,2}被[^,我]{0,4}(?:骗|诈)[^,]{0,2}"
    r"|(?:告诉|提醒)我[^,]*被[^,]*|(?:追回|挽回)(?:被骗|了|的|钱|款)*"
    r"|([\u4e00-\u9fff]{2})[是归]\1"
    r"|(?:转账|转钱)?还(?:他|她|人家)[^,]*"
    r"|№(?:把|要|想|去|会|居然|竟然)*(?:我)?(?:举报|投诉|拉黑|屏蔽|冤枉)(?:了|我)+"
    r"|我(?:被|让|叫|给)№(?:举报|投诉|拉黑|屏蔽)了?|№(?:说|骂|当|怀疑|以为)我(?:是|成)[^,]*"
    r"|№(?:说|告诉我?|跟我说|讲)(?:他|她|自己|人家)[^,我]*被[^,]*",
    r"\bi(?:'m| am| was|'ve| have| did)? (?:\w+ ){0,2}?(?:owe|yell\w*|shout\w*|swore"
    r"|threaten\w*|insult\w*|rude|curs\w*|scream\w*|harass\w*|scam\w*|con|conned"
    r"|robbed|cheat\w*|spam\w*) (?:at |to "
    r"|with )?№(?: money)?(?: by (?:mistake|accident))?|№ (?:owes?|owed) (?:me|us)(?: money)?",
    # Bad people in the clause other than the caller.
    r"(?:相信|防范?|遇到|碰[到上]|提防|抓(?:了|到|住)?|举报了?(?:一?个|那个)|和|跟|同|当|像"
    r"|痛恨|讨厌)(?:一?个|那个|了)?(?:骗子|坏人|诈骗)[^,]*"
    r"|(?:幸亏|多亏)[^,]*",
    r"\b(?:about|against|at|with|than|like|believ\w+|trust\w*) (?:an?|the|any|some|those) "
    r"(?:\w+ )?(?:scam|spam|fraud|crook|thie|con\b)\w*(?: [^,№]*)?$",
    r"№ (?:has |had |just )?(?:accus\w+|report\w+|block\w+|flagg\w+) me\b[^,]*"
    r"|№ (?:\w+ )?(?:got|was|were|been) (?:scammed|robbed|conned|defrauded|harassed)\b[^,]*"
    r"|\b(?:hat|fight|hunt|catch|investigat|expos|track)\w* (?:the |these |down )*"
    r"(?:scam|spam|fraud|robo)\w*",
    r"\bwarn(?:s|ed|ing)? (?:me|us|my \w+)\b[^,]*"
    r"|\b(?:he|she|they)(?:'s| was| were| got| had been) (?:scammed|robbed|conned|defrauded"
    r"|harassed|threatened)\b[^,]*|\banti-?fraud\b|\breports? scams\b",
)
# What callers sell. Honest people have these trades too.
TRADES = any_of(
    r"贷款|低息|理财|股票|期货|基金|信用卡|网课|留学|医美|植发|减肥|发票|纪念币|收藏品"
    r"|培训班|墓地|楼盘|商铺|装修",
    r"\b(?:(?:tr(?:y|ies|ied|ying)|wants?|wanted|keeps?|called|rang"
    r"|rings?) (?:to )?sell(?:ing)?|sell(?:s|ing)? (?:me|us|my|him|her)|sales|flog\w*"
    r"|warranty|timeshares?|solar|double glazing|insulation|new windows|boiler|conservatory"
    r"|gutter\w*|roofing|student loans?|vacation|cruise|loans?|investment|insurance"
    r"|funeral plan|energy deal|broadband deal|business listing|donation)\b",
)
# Claims and demands of a caller, which senders mention as often to ask as to report.
CLAIMS = any_of(
    # They say that the sender owes, won, or broke the law.
    r"(?:说|讲|称|(?<!电)话)(?:我|你|他|她|我们|我妈|我爸|孩子|家里|包裹|快递)[^,]{0,8}(?:欠"
    r"|涉嫌|洗钱|犯|中奖|出事|出车祸|车祸|被抓|违法|冻结|逾期|理赔|异常|失效|住院|丢|停|被盗"
    r"|不还|过期|案|罚|违约|征信|中了|补贴|获奖|海关|税|扣|停)",
    # They want money, codes, downloads.
    r"(?:说|让|叫|要|要求|逼|骗|哄|教)(?:我|你|他|她|我妈|我爸|老人|我们|奶奶|爷爷|家人"
    r"|先)?(?![^,]{0,3}[去来][取拿领])[^,]{0,6}(?:转账|转钱|转帐|汇款|打款"
    r"|交[^,]{0,4}(?:钱|费|金|税)|保证金|抵押|垫|手续费|验证码|卡号|密码|下载|共享屏幕"
    r"|点链接|安全账户|加(?:qq|微信|群)|充值|给钱|打钱|还钱|刷单|扫码|身份证|借钱|借贷)",
    r"要钱|要(?:我)?还\s?(?:钱|\d)|要验证码|安全账户|中奖|领补贴|链接|杀猪盘|荐股|兼职"
    r"|名(?:字|义)?借钱|借我的?名",
    # The same in English.
    r"\b(?:says?|said|saying|sayin|reckons?|told|tells?|claims?|insists?"
    r"|tr(?:y|ies|ied|ying))\b[^,]{0,80}\b(?:warrants?|sheriff|lawsuit|legal action|court"
    r"|prison|jail|police|virus|hacked|hacker|press (?:1|one)|unless|cut off|suspended"
    r"|frozen|locked|compromised|expired|refund|tax(?:es)?|irs|hmrc|immigration|visa"
    r"|deport\w*|lottery|won|winner|social security|medicare|owe|owes|arrears|accident"
    r"|hospital bill|grandson|microsoft|customs)\b",
    # They want.
    r"\b(?:wants?|wanted|demand\w*|ask(?:s|ed|ing)?(?: me| my \w+| us)?(?: for)?"
    r"|told (?:\w+ ){1,3}?to|tr(?:y|ies|ied|ying) to (?:get|sell|steal|trick|scam|con)"
    r"|offering|got into|begging|insist\w*|reading back"
    r"|gave (?:him|her|them))\b[^,]{0,40}\b(?:money|bank|card|pin|otp|password|passcode|code"
    r"|ssn|social|gift|account|bitcoin|crypto|wire|cash|acct|laptop|computer|loan|details"
    r"|birth|savings|donate|access|remote|(?:me|us|him|her|them"
    r"|\w+) to (?:pay(?! for (?:the|my|our))|buy))\b",
    r"\b(?:social security|verify|suspended|package fee|toll|refund)\b|https?://",
)
# How often. Nurses and children call every day too.
OFTEN = any_of(
    r"天天|每天|频繁|频频|屡|接二连三|又双|一遍又一遍|整天|成天|成日|日日|一天到晚|没日没夜"
    r"|一直[^,]{0,4}(?:打|响|催|骚|发)|老是|老打|总是|总打|不停|反复|不断|连续|轮番|轮流"
    r"|没完|又(?:是|打|来|开始|响)|还(?:在|是)?打|换着打|换(?:了)?[^,]{0,4}个?号|连打|狂打"
    r"|每隔|半夜|大半夜|凌晨|大清早|三番五次|阴魂不散|从早到晚|隔三差五|变着法|穷追|纠缠",
    r"\b(?:every (?:single )?(?:day|night|hour|minute|morning|week|evening|dinner|time"
    r"|lunch)|daily|all (?:day|night|week|the time|hours)|non-? ?stop|constant\w*"
    rf"|keeps? (?:on )?(?!getting)\w+in[g']?|keep (?:on )?{CALL_EN}\w*|kept (?:on )?\w+ing"
    r"|over and over|again|wo(?:n't|nt|uldn't) (?:stop|quit|leave|take no|give up|go away)"
    r"|never (?:stops?|quits?|did|ends?|gives? up)|repeatedly|relentless\w*|bombard\w*"
    r"|at dinner|(?:at )?(?:midnight|[1-5] ?am)\b|middle of the night|hundredth|umpteenth"
    rf"|still (?:{CALL_EN}\w*|get through)|another go|day and night|round the clock"
    r"|non stop)\b",
)
# Acts of a caller. Unless they are denied, the sender complains.
HARMS = any_of(
    # Cheated, bombarded, silent calls.
    r"被[^,]{0,12}(?:骗|忽悠|坑)|骗(?:我|了|走|老|去|他|她|到|取|得)|忽悠(?:我|了|老|他|她)"
    r"|坑(?:我|了|老|人)|上当|损失|存折[^,]{0,4}空"
    r"|(?:打|闹|找)到(?:我)?[^,]{0,4}(?:单位|公司|学校|连队|村|厂)"
    r"|钱(?:就|全|都)?(?:没了|没有了|被转)|转走|盗(?:刷|走|用)|套我|套取|骗取|砍头息|呼死你"
    r"|轰炸|骚扰(?:我|了|他|她|家)|(?:一声|接了?|接通)就?挂|就(?:挂|收线)|不说话|不出声|无声"
    r"|没声(?!音?了)|没人说话|不吭声|扫码[^,]{0,12}(?:没|扣|少)",
    # Trades that only nuisances have.
    r"卖(?:房|楼|药|酒|茶|墓|课|保|车|货)|保健品|炒股|办(?:卡|证|信用卡)|pos机|代开|刷单"
    r"|博彩|赌博|裸聊|放款|网贷",
    # Collecting.
    r"催(?:我(?!交(?!钱|费|款)|回|吃|起|结|做|写|还书)|命|还|着|他|她)|逼[我他她还]|暴力|老赖"
    r"|欠[^,]{0,3}(?:钱|款|贷|债|费)|逾期|还(?:钱|款|不还)|(?:要|必须)还"
    r"|(?:找|问|跟|向)我(?:们|家)?(?:要|攞|拿|借)(?:钱|债|账|$)|丢死?人",
    # Insults, threats, disclosure.
    r"骂|辱|脏话|侮|诽谤|威胁|勒索|敲诈|恐吓|恐嚇|吓唬|吓(?:我|死|人|到)|弄死|打死|杀|砍|斩"
    r"|剁|报复|泼|堵门|堵我|上门|搞(?:我|死)|爆[^,]{0,4}通[讯信]录|通[讯信]录|泄露|群发|p图"
    r"|照片p|裸照|死亡|棺材|花圈|遗照|血|狠话|弄(?:你|他|她|残|死)|整死|收拾(?:我|你)|打断"
    r"|废了|要[^,]{0,3}好看|找人弄|黄色短信|淫秽|跟踪|学校(?:去|来|闹)"
    r"|知道我[^,]{0,6}(?:住|上学|上班)|来我家|去你家|抓(?:我|她|他|人)",
    # What it does to the sender.
    r"烦(?:死|人|透|$|我|不胜|得)|好烦|很烦|真烦|受不了|疯了|要疯|气死|救命|(?<!我)求助|崩溃"
    r"|撑不住"
    r"|害怕|我怕|别(?:再)?(?:打|催|骚|来电)|不要(?:再)?(?:让[^,]{0,16})?(?:打|催|骚|来电)"
    r"|恶心|缺德|讨厌|过分|无耻|可恶|可恨|晦气|畜生|混蛋|王八|(?<![我你他她])妈的(?!妈)|他妈"
    r"|tmd|傻[逼b]|神经病|变态|不要脸|人渣|败类|狗东西|有病|该死|无语|折磨|不得安宁|闹心"
    r"|没人性|丧尽天良",
    # English: harassment, orders, selling and debts.
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
    # Threats, thefts, silent calls.
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
    # What it does to the sender.
    r"\b(?:ugh|argh|sick of|fed up|tired of|make it stop|leave (?:me|us) alone"
    r"|stop (?:calling|texting|ringing|these|this|them|him|her)|annoy\w*|hate(?! me)|blasted"
    r"|bloody"
    r"|damn\w*|wretched|driving me|scared|afraid(?!\s*(?:i\b|that\b|$|[.。!]))|terrified"
    r"|never asked"
    r"|do not call"
    r"|don'?t call|let [^,]{0,20} call me|bs|bullshit|wtf|scum\w*|vultures?|jerks?|assholes?"
    r"|idiots?|sleaz\w+|vile|disgusting|horrible|awful|nasty|evil|racket|bugger\w*"
    r"|bastard\w*|do not want|don'?t want|not interested|get lost|piss off|go away)\b",
)
