"""Traditional Chinese, derived from Simplified: complete, and read back by our commands."""

import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from opencc import OpenCC

from config import traditional
from config.translations import compile_stale
from reputation.intake.grammar.view import view
from reputation.languages import choose, nearest, of_country
from tests.given.translated import PLACEHOLDER, is_simplified

TWICE = re.compile(r"([一-鿿]{2,})\1")
QUOTED = re.compile(r"[“「]([^”」]+)[”」]")


def said(catalogue: GNUTranslations, message: Message) -> str:
    if isinstance(message.id, str):
        if message.context:
            return catalogue.pgettext(message.context, message.id)
        return catalogue.gettext(message.id)
    return catalogue.ngettext(*message.id, 2)


AREAS = [Path(each) for each in settings.LOCALE_PATHS if Path(each).joinpath("zh_Hans").exists()]


@pytest.mark.parametrize("folder", AREAS, ids=lambda folder: folder.name)
def test_every_text_is_there_in_traditional_characters(folder: Path):
    with (folder / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as file:
        simplified = read_po(file)
    with (folder / "zh_Hant" / "LC_MESSAGES" / "django.mo").open("rb") as file:
        derived = GNUTranslations(file)
    for message in filter(lambda each: each.id, simplified):
        one = message.string if isinstance(message.string, str) else message.string[0]
        other = said(derived, message)
        assert sorted(PLACEHOLDER.findall(one)) == sorted(PLACEHOLDER.findall(other)), one
        assert [char for char in other if is_simplified(char)] == [], other
        assert len(TWICE.findall(other)) == len(TWICE.findall(one)), other
        if folder.name == "intake":  # what one is told to answer must be understood
            assert list(map(view, QUOTED.findall(one))) == list(map(view, QUOTED.findall(other)))


# Words of the mainland, in Traditional characters, with what Taiwan says.
MAINLAND = {
    "轉賬": "轉帳", "賬": "帳", "發送": "傳送", "文本": "文字", "客戶端": "用戶端",
    "信息": "資訊 or 訊息", "短信": "簡訊", "視頻": "視訊", "軟件": "軟體", "硬件": "硬體",
    "網絡": "網路", "互聯網": "網際網路", "應用(?!程式)": "應用程式",
    "渠道": "管道", "當前": "目前", "添加": "新增", "質量": "品質", "默認": "預設",
    "鏈接": "連結", "屏幕": "螢幕", "屏蔽": "封鎖", "打印": "列印", "服務器": "伺服器",
    "數據(?!機)": "資料", "登錄": "登入", "賬戶": "帳戶", "用戶(?!端)": "使用者",
    "郵箱": "信箱", "運營商": "電信業者", "點擊": "點選", "充值": "儲值", "界面": "介面",
    "接口": "介面", "證書": "憑證", "會話": "工作階段", "網上": "線上", "激活": "啟用",
    "緩存": "快取", "截屏": "截圖", "二維碼": "QR 碼", "公佈": "公布", "響應": "回應",
    "(?<!未)通過": "透過", "合同": "契約", "團伙": "集團",
    "舉報": "檢舉", "條檢舉": "筆檢舉", "退出登": "登出", "運營": "營運", "獲取": "取得",
    "列表": "清單", "標籤頁": "分頁", "匹配": "比對", "描述檔案": "描述檔", "營業廳": "網站",
    "詳單": "明細", "主叫": "發話方", "外呼": "外撥", "脫敏": "去識別化", "審計": "稽核",
    "發件人": "寄件人", "單元格": "儲存格", "電子表格": "試算表", "置信": "信賴",
    "主管部門": "主管機關", "受理部門": "受理機關", "材料": "文件", "隻適合": "只適合",
}  # fmt: skip


def taken_as_they_are() -> list[str]:
    """What terms.txt decides of names: laws and authorities keep their words."""
    return [
        written
        for simplified, written in traditional._terms()
        if written == OpenCC("s2tw").convert(simplified)
    ]


def test_no_text_has_words_of_the_mainland():
    names = re.compile("|".join(sorted(map(re.escape, taken_as_they_are()), reverse=True)))
    mainland = re.compile("|".join(MAINLAND))
    convert = traditional.converter()
    texts = [message.string for message in traditional.of_data(convert) if message.id]
    for folder in AREAS:
        with (folder / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as file:
            for message in traditional.derive(read_po(file), convert):
                forms = message.string if isinstance(message.string, tuple) else [message.string]
                texts += forms if message.id else []
    assert len(texts) > 2000
    found = [(text, mainland.findall(names.sub("", text))) for text in texts]
    assert [each for each in found if each[1]] == []


def test_the_example_of_a_number_is_one_of_taiwan():
    with translation.override("zh-hant"):
        assert translation.gettext(
            "Type the number that called, for example +86 154 0000 1234."
        ) == ("請輸入來電號碼，例如 +886 9xx xxx xxx。")


def test_texts_of_data_are_there_too_and_those_of_moderators_stay():
    texts = [
        text
        for path in traditional.data_files()
        for text in re.findall(r'"([^"\\]*[一-鿿][^"\\]*)"', path.read_text())
    ]
    assert len(texts) > 200
    for text in texts:
        shown = choose("zh-HK", english="x", chinese=text)
        assert not any(map(is_simplified, shown)), shown
    assert choose("zh-CN", english="x", chinese="电话") == "电话"
    assert choose("zh-TW", english="x", chinese="手写的电话") == "手写的电话"
    assert choose("de", english="phone", chinese="电话") == "phone"
    assert choose("zh-TW", english="x", chinese="") == ""


def test_names_keep_their_words_and_people_read_theirs():
    """Each catches what OpenCC alone writes otherwise."""
    convert = traditional.converter()
    for simplified, written in (
        ("国家互联网信息办公室", "國家互聯網信息辦公室"),
        ("个人信息保护法", "個人信息保護法"),
        ("审核员注销账号", "審核員刪除帳號"),
        ("举报短信，或用12321举报助手", "檢舉簡訊，或用12321舉報助手"),
        ("至少一条举报，只适合试用", "至少一筆檢舉，只適合試用"),
        ("8 条骚扰举报：3 条来自可靠的举报人", "8 筆騷擾檢舉：3 筆來自可靠的檢舉人"),
        ("短信、网络、手机号码", "簡訊、網路、手機號碼"),
        ("回复“绑定”", "回覆「綁定」"),
    ):
        assert convert(simplified) == written


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-TW", "zh-hant"), ("zh-HK", "zh-hant"), ("zh-Hant-MO", "zh-hant"), ("zh-MO", "zh-hant"),
     ("zh", "zh-hans"), ("zh-SG", "zh-hans"), ("zh-Hans-HK", "zh-hans"), ("de", "en")],
)  # fmt: skip
def test_the_browser_and_we_mean_the_same_chinese(tag: str, language: str):
    assert nearest(tag) == language
    if language != "en":
        assert translation.get_supported_language_variant(tag.lower()) == language


def test_where_which_chinese_is_written():
    assert [of_country(each) for each in ("CN", "TW", "HK", "US", "")] == [
        *("zh-hans", "zh-hant", "zh-hant", "en", "en")
    ]


def test_an_installed_release_compiles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes compiled and without catalogues, and its account may not write beside the code."""
    monkeypatch.setattr(traditional, "AREA", tmp_path)
    assert compile_stale([tmp_path]) == []
    assert list(tmp_path.iterdir()) == []
