"""Splits a text into terms, by which texts are compared.

Terms are single words and pairs of neighbouring words; in scripts without spaces they are
characters and pairs of characters. Figures, links and addresses are left out, because a campaign
changes them from call to call. Words that any report may contain are left out too.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

REMEMBERED: Final = 1 << 17  # tokens whose hashes are kept
MAX_CHARACTERS: Final = 4000  # that are read of a text
# Without figures and words of any report, a text must have this many words (a character counts
# half) to link to anything: "spam call" and "一接就挂" say nothing.
LEAST_WORDS: Final = 5.0

# Scripts whose words are not separated by spaces, and Hangul, whose words carry their endings.
UNSPACED: Final = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Kana, Han
    "\uac00-\ud7af"  # Hangul
)
LINK = re.compile(
    r"(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![a-z0-9.-])(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[!-~]*)?(?![a-z])",
    re.ASCII,
)
_MAYBE_LINK = re.compile(r"[.@:](?<=[^\s.].)[a-z0-9/]")
_HAN_FIGURE = re.compile(r"[〇零一二两三四五六七八九十百千万亿幺]{2,}")
# Vowel signs of Indian scripts and marks on letters are not letters, but belong to a word.
_MARKS: Final = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0971-\u0dff"
_WORD: Final = rf"(?:[^\W\d_{UNSPACED}]|[{_MARKS}])+"
_TOKEN = re.compile(rf"[{UNSPACED}]|{_WORD}(?:['’]{_WORD})*|[.。!！?？;；\n]")

# The same for lower-case ASCII text, which is three times as fast.
_PLAIN_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*|[.!?;\n]")

# Words that any report may contain, and words without a meaning of their own.
_COMMON_WORDS: Final = """
a about after again all also am an and any are as at back be because been before being but by can
could did do does doing don't down each every few for from get gets getting go goes going got had
has have having he her here hers him his how i i'd i'll i'm i've if in into is isn't it it's its
just like me more most my no not now of off on once only or other our out over own please same she
should so some still such than thank thanks that that's the their them then there these they they're
this those through to too u until up us very was wasn't we were what when where which while who whom
why will with would you your yours yet zero one two three four five six seven eight nine ten eleven
twelve hundred thousand million dollars dollar euros euro pounds percent cents am pm annoying answer
answered answering block blocked blocking bot call called caller callers calling calls cold computer
constantly daily day days dead fake fraud fraudulent fucking hang hanging hangs harassing harassment
heard hello hi hour hours hung junk keeps know left line machine message messages minute minutes
missed morning never nobody nuisance number numbers person phishing phone picked prerecorded prank
recorded recording rang reported robo robocall robocalls robocaller robot said saying says scam
scammer scammers scams silence silent someone something spam spammer spammers spoof spoofed spoofing
stop telemarketer telemarketers telemarketing telephone text texted texts times today trying unknown
unsolicited unwanted voice voicemail voicemails wanted wants week weeks yesterday anruf anrufe
anrufer angerufen aufgelegt der die das und ich ist nicht ein eine nummer werbung betrug belästigung
ruft rufen immer wieder niemand llamada llamadas llaman llamó número el la los las de que y en un
una es no por con para estafa fraude cuelga cuelgan nadie contesta appel appels appelle numéro le
les des du et est pas un une qui que pour dans arnaque démarchage raccroche répond personne
"""
_COMMON: Final = frozenset(_COMMON_WORDS.split())
# The same in Chinese, Japanese and Korean. Characters before and after such a word are no
# neighbours.
_COMMON_UNSPACED_WORDS: Final = """
骚扰电话 骚扰短信 诈骗电话 诈骗短信 推销电话 广告电话 垃圾短信 骗子电话 陌生电话 陌生号码 骚扰 诈骗
骗子 骗人的 骗人 推销 推销的 广告 骂人 电话 短信 号码 语音 来电 通知 提醒 温馨提示 收到 打来的 打来
又打来 打过来 一直打 打了 打电话 响一声 一接就挂 接了 没接 挂了 挂断 没声音 无人说话 不知道 是谁
拉黑 大家注意 千万别信 自动 机器人 冒充 自称 对方 说是 说自己是 说我 您好 你好 喂 请问 谢谢 这里是
这边是 我是 我们是 尊敬的 亲爱的 客户 用户 客服 先生 女士 小姐 工作人员 最后一次 最后 再次 今天 今日
明天 昨天 现在 马上 立即 尽快 及时 好几次 每天 很烦 总是 我们 你们 他们 您的 你的 我的 他的 您 你 我
他 她 的 了 吗 吧 呢 啊 是 有 在 就 都 也 把 被 和 与 及 请 電話 騷擾 詐騙 簡訊 號碼 這裡是 請問
迷惑電話 です ます から ので した して 스팸 전화 광고 사기 입니다
"""
_COMMON_UNSPACED: Final = re.compile(
    "|".join(sorted(_COMMON_UNSPACED_WORDS.split(), key=len, reverse=True))
)
_GAP: Final = "\n"

# Words that mean something but stand in reports of many callers: they weigh little (likeness). No
# word here names a trade, a brand or a trick.
_FAMILIAR_WORDS: Final = """
accent account account's accounts address agency agent aggressive amount app apparently appointment
apps area ask asked asking asks available bank bill bills business buy card card's cards cash charge
charged check city claim claimed claiming claims clear click close code company confirm contact
convincing country courtesy credit customer customers data date daughter deal dear debt department
dept detail details different district download early elderly email engineer english evening ever
everyone exact family father fee fees female file files final find first foreign form free friend
full gave girl give given gone good government great guy happened hear heavy help home house husband
immediately important indian info information install insurance interested internet issue kept knew
knows lady language last legal legit letter link listen live lives loan local lol long looking lot
loud mail make male man manager many market marketing mobile mom money month months mother mother's
much mum myself name named names need needed needs new news next nice night noise nonsense notice
obviously offer offered offering offers office officer official old online open operator order
outside owe owed paid parents part pay paying payment payments people permission personal police
polite possible pre press pressed pretend pretended pretending pretends private probably problem
program programme property provide pushy question questions quick quickly read real really receive
received record records refused regarding register registered remove removed rep representative
request response ring ringing rude sale sales saw second security sell selling send sent service
services several shouted sign sir site sold son sounded sounding speak speaking spoke started state
straight street supposed supposedly sure survey talk talking team tell telling thing think third
though thought threatened threatening threats time told took town transfer transferred tried try
under unless update urgent use used verify visit wait warning way web website wife without woman
won't word work working worried wouldn't write wrong year years young
一听 一直 下载 不要 专员 业务 个人 中心 主管 产品 亲戚 人员 人工 什么 今天 他们 付款
优惠 你们 你好 保险 信息 借款 假的 停用 催收 先生 免费 公司 公安 共享 关于 冒充 几次
分钟 利息 办理 单位 卡号 又打 及时 取消 可以 号码 同事 名下 名字 后来 否则 地址 处理
多次 天天 女士 如果 妈妈 姓名 孩子 安全 客户 客服 家人 家里 密码 对方 小时 就是 尽快
屏幕 工作 已经 平台 开始 开通 异常 影响 律师 微信 怎么 您好 情况 我们 我的 手机 打来
打电 投资 报警 挂了 接到 推销 支付 支付宝 收到 收费 时候 明天 昨天 朋友 服务 本人
机器 来电 核实 根据 案件 欠款 欠钱 每天 没有 法律 法院 注销 活动 涉嫌 点击 然后 父母
理财 用户 由于 申请 电话 登录 相关 知道 短信 确认 立即 经理 结果 网站 老人 联系 自动
自称 要求 警察 诈骗 语音 账号 账户 贷款 费用 资金 赠送 起诉 身份 身份证 转账 软件
还款 还钱 通知 逾期 部门 银行 银行卡 链接 需要 额度 马上 验证 验证码 骗子 骚扰
"""


def words(text: str) -> list[str]:
    """The tokens of `text` without common words; "\\n" stands between words that are no
    neighbours."""
    return [token for token in _tokens(text) if token not in _COMMON]


def _tokens(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold()
    if _MAYBE_LINK.search(text):
        text = LINK.sub(_GAP, text)
    if text.isascii():
        return _PLAIN_TOKEN.findall(text)
    return _TOKEN.findall(_COMMON_UNSPACED.sub(_GAP, _HAN_FIGURE.sub(_GAP, text)))


def terms(text: str) -> list[int]:
    """The distinct terms of `text` as 32-bit hashes, in ascending order; none if the text has fewer
    than LEAST_WORDS words.

    The hashes are the same in every process.
    """
    found: list[int] = terms_of([text])[0].tolist()
    return found


def terms_of(texts: Sequence[str]) -> list[NDArray[np.uint32]]:
    """`terms` of several texts, which costs much less."""
    spoken: list[int] = []
    for text in texts:
        spoken += map(_CODES.__getitem__, _tokens(text))
        spoken.append(_END)
    codes = np.array(spoken, np.int64)
    codes = codes[codes != _UNSAID]
    ends = codes == _END
    of = (np.cumsum(ends) - ends) << 32
    is_word = codes > _GAP_CODE
    single = np.unique(of[is_word] | codes[is_word])
    # A character counts half; its code is odd.
    said = np.bincount(single >> 32, 1 - (single & 1) / 2, minlength=len(texts))
    at = np.flatnonzero(is_word[:-1] & is_word[1:])
    both = np.concatenate([single, of[at] | pair(codes[at], codes[at + 1])])
    both = np.unique(both[(said >= LEAST_WORDS)[both >> 32]])
    bounds = np.searchsorted(both, np.arange(1, len(texts)) << 32)
    return np.split(both.astype(np.uint32), bounds)


@cache
def familiar() -> frozenset[int]:
    """The terms of words that stand in reports of many callers."""
    found: set[int] = set()
    for word in _FAMILIAR_WORDS.split():
        codes = [_CODES[token] for token in _TOKEN.findall(word)]
        found.update(codes, map(pair, codes, codes[1:]))
    return frozenset(found) - {_UNSAID}


def compounds(found: Sequence[int]) -> list[list[int]]:
    """The terms `found` in lists: neighbouring words and the pairs that they make are one list. A
    text that has one term of a list mostly has all of them, so a list says as much as one term."""
    list_of = {term: [term] for term in found}
    for both in product(found, found):
        if (name := pair(*both)) in list_of:
            for term in both:
                one, other = list_of[name], list_of[term]
                if one is not other:
                    one += other
                    list_of |= dict.fromkeys(other, one)
    return list({id(one): one for one in list_of.values()}.values())


def pair[Code: (int, NDArray[np.int64])](code: Code, following: Code) -> Code:
    """The hash of neighbours."""
    return (code * _SPREAD + following) & 0xFFFFFFFF


class _Codes(dict[str, int]):
    """The hash of each token: odd for a character, even for a word, 0 or less for others."""

    def __missing__(self, token: str) -> int:
        if len(self) >= REMEMBERED:
            self.clear()
        if token in _COMMON:
            code = _UNSAID
        elif not token[0].isalpha():
            code = _GAP_CODE
        else:
            code = (crc32(token.encode()) & 0xFFFFFFFE or 2) | bool(_IS_UNSPACED(token))
        self[token] = code
        return code


_IS_UNSPACED = re.compile(rf"[{UNSPACED}]").match
_SPREAD: Final = 0x9E3779B1
_GAP_CODE: Final = 0
_UNSAID: Final = -1  # a common word: the words around it are neighbours
_END: Final = -2  # of a text
_CODES: Final = _Codes()
