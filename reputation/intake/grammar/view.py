"""The normalized view of a text: one writing of Chinese, small letters.

A view has as many characters as its text, so positions in it are positions in the text.
"""

import re
from collections.abc import Sequence

# Traditional characters, and those of written Cantonese, with the simplified ones of our tables.
_TRADITIONAL = (
    "騙骗騷骚擾扰電电話话號号碼码這这個个們们說说嗎吗誰谁對对還还錢钱債债貸贷詐诈銀银報报舉举訴诉"
    "銷销撤撤舊旧來来過过給给從从後后時时間间點点鐘钟發发訊讯識识認认請请問问題题會会開开關关機机"
    "語语業业務务員员師师醫医院院學学習习樣样條条幾几萬万億亿響响聲声簡简網网絡络單单貼贴賬账帳账"
    "戶户轉转匯汇領领獎奖換换繳缴稅税費费詢询實实確确證证據据種种現现該该應应讓让嚇吓脅胁殺杀傷伤"
    "惡恶罵骂髒脏壞坏樓楼險险險险課课練练傳传單单當当總总經经歷历續续結结終终斷断絕绝鬧闹煩烦悶闷"
    "壓压慮虑憂忧嚴严懲惩處处誤误錯错歉歉冤冤標标記记刪删除除復复訂订閱阅啟启動动綁绑聯联係是冇没"
    "咗了嘅的唔不佢他嚟来哋们俾给畀给睇看邊边啲些嗰那咩么乜么氹哄嘢东親亲鄰邻東东媽妈爺爷婦妇兒儿孫孙"
    "飯饭車车費费遞递貨货購购買买賣卖裝装廣广彙汇佈布調调參参與与區区產产資资訓训圖图寫写詳详細细談谈"
    "議议論论講讲謝谢謊谎騰腾訊讯變变遠远進进連连運运達达違违遺遗選选邊边難难離离雜杂雲云靜静頭头顧顾"
    "風风飛飞驗验體体鬼鬼點点齊齐龍龙臺台灣湾灣湾檢检權权歡欢氣气決决沒没浪浪淚泪濟济為为無无熱热爭争"
    "牆墙獄狱獲获玩玩環环畫画異异療疗監监盤盘睏困矇蒙禮礼稱称穩稳窮穷競竞筆笔節节範范級级細细組组統统"
    "維维緊紧線线編编緩缓罰罚職职肅肃脫脱腦脑臉脸興兴舉举艱艰薦荐藥药虛虚術术衛卫補补製制複复見见規规"
    "視视覺觉觀观觸触計计討讨託托設设許许評评詞词試试詛诅誇夸誘诱誣诬誠诚調调諒谅譽誉負负責责敗败"
    "貪贪貴贵賊贼賠赔賴赖贏赢趕赶跡迹軟软輕轻載载輪轮輸输辦办農农邏逻鄉乡醜丑鎖锁鎮镇鏈链閉闭隊队際际"
    "隨随隱隐雙双順顺預预頂顶項项頓顿頻频願愿類类餘余馬马駕驾驚惊鬥斗"
    "於于數数亂乱兩两滿满幫帮創创劃划劇剧勞劳勢势協协卻却吳吴啞哑喚唤喪丧圍围園园團团場场塊块墊垫墜坠壇坛壯壮壽寿夢梦奪夺妝妆婁娄嬰婴嬸婶孃娘寧宁審审寬宽寵宠將将尋寻導导"
    "屆届屍尸層层島岛帶带幣币幹干庫库廁厕廠厂廟庙張张強强彈弹徑径徹彻恆恒悅悦愛爱態态慘惨慣惯憐怜憑凭懶懒懷怀戀恋戲戏掃扫掛挂採采揚扬損损搖摇搶抢撥拨撿捡擋挡擠挤擊击"
    "擔担攔拦攝摄敘叙敵敌晝昼暈晕暫暂曉晓曬晒書书棄弃極极構构樂乐橋桥櫃柜欄栏歲岁歸归殘残殼壳毀毁滅灭漲涨潔洁澤泽濕湿濫滥灑洒燈灯燒烧爛烂爾尔狀状猶犹獨独瑣琐甦苏痠酸"
    "瘋疯癢痒癮瘾皺皱盜盗盡尽眾众睜睁碩硕礙碍禍祸禪禅穀谷穌稣積积窩窝竊窃築筑籃篮糾纠納纳純纯紙纸紀纪約约紅红絲丝綠绿綫线緣缘縣县縱纵繼继罷罢羅罗聖圣聞闻聽听腳脚腫肿"
    "膽胆膚肤臨临舖铺莊庄華华葉叶蓋盖蔣蒋藍蓝藝艺蘭兰虧亏蟲虫衝冲裏里裡里襲袭訪访診诊誌志諾诺謎谜譯译讚赞豐丰貓猫賤贱賺赚賭赌贓赃蹤踪轟轰辭辞適适遊游遷迁遙遥鄭郑鄧邓"
    "醬酱釣钓鈴铃鋪铺錄录鍋锅鍵键鐵铁鑒鉴鑑鉴鑰钥長长門门閃闪閒闲陣阵陳陈陽阳陰阴隻只雖虽雞鸡霧雾韓韩頁页須须頒颁頗颇頸颈顏颜顆颗顛颠飢饥飼饲飽饱養养館馆騎骑驅驱驟骤"
    "髮发鬆松鬱郁魚鱼鮮鲜鳥鸟麗丽麥麦麼么黃黄齒齿妳你喺在噉这咁这啱刚攞拿揾找搵找"
)
# Synonyms of the same length, from regions and dialects.
_SAME = {
    "检举": "举报", "简讯": "短信", "短讯": "短信", "讯息": "信息",
    "无再": "没再", "莫得": "没有", "老汉": "老爸", "俺": "我", "莫要": "不要",
}  # fmt: skip
_SAME_WORD = re.compile("|".join(_SAME))
_SMALL = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_MARKS = dict(zip(map(ord, "‘’ʼ`´“”„「」『』"), '\'\'\'\'\'"""""""', strict=True))
_PLAIN = (
    {ord(a): b for a, b in zip(_TRADITIONAL[::2], _TRADITIONAL[1::2], strict=True)}
    | _SMALL
    | _MARKS
)
NUMBER = "№"  # stands for a number: plain texts have none, since NFKC replaces it by "No"


def view(text: str) -> str:
    """The text as the tables of words spell it."""
    return _SAME_WORD.sub(lambda word: _SAME[word[0]], text.translate(_PLAIN))


def marked(view: str, spans: Sequence[tuple[int, int]], start: int, end: int | None = None) -> str:
    """The stretch of the view with the numbers in it, at `spans`, as NUMBER."""
    pieces = []
    for first, last in spans:
        pieces += [view[start:first], NUMBER]
        start = last
    return "".join([*pieces, view[start:end]])
