"""What grammars trip over: their own marks, half a date, half a number, and what anybody types."""

from hypothesis import strategies as st

FRAGMENTS = """
ljdxjb # * : + ＋ ＊ 举报 Call spam vocal 【贷】 Fwd: 回T退订 From: 号码： time: 内容: 2026年 13月
45日 二〇二六年十一月五日 14:30 下午 点半 99:99 29 Feb 昨天 yesterday 0h 三小时前 12am 十十点 周日
13812345678 １３８１２３４５６７８ +44 (0)7700 900123 95533 106575258192001234 112 4001234567
LINK undo 不知道 -- > On wrote: http://x.cn/1 ﷽ ½ ⅷ ٣ 🙂
"""
SPACES = ["\u200b", "\x00", "\ud800", " ", "\n", "\n-- \n", "Re: ", "，"]
PIECES = st.sampled_from([*FRAGMENTS.split(), *SPACES])
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=14).map("".join)
