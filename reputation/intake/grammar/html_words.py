"""The text of an HTML mail that a person reads."""

import re
from collections import Counter
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "head", "title", "template"})
_LINES = frozenset(
    [
        *("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("table", "blockquote", "hr"),
    ]
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"]
)
# Newsletters begin with lines for the list of mails, which are hidden in the mail itself.
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|max-height)\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.silent: list[str] = []  # open elements that are not shown
        self.open: Counter[str] = Counter()  # the same by tag, for a fast check
        self.quotes = 0  # open quotations

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self.silent, self.open = [], Counter()  # an unclosed head
        hidden = any(
            name == "hidden" or (name == "style" and _HIDDEN.search(value or ""))
            for name, value in attrs
        )
        if tag not in _VOID and (self.silent or hidden or tag in _SILENT):
            self.silent.append(tag)
            self.open[tag] += 1
        self.quotes += tag == "blockquote"
        if tag in _LINES:
            self.words.append("\n" + "> " * bool(self.quotes))

    def handle_endtag(self, tag: str) -> None:
        ended = ""
        while self.open[tag] and ended != tag:
            ended = self.silent.pop()
            self.open[ended] -= 1
        self.quotes = max(self.quotes - (tag == "blockquote"), 0)
        if tag in _LINES - {"br", "hr"}:
            self.words.append("\n" + "> " * bool(self.quotes))

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.words.append(re.sub(r"\s+", " ", data))


def words_of_html(html: str) -> str:
    """The text that a person reads of an HTML mail, in lines; lines of quotations begin with
    ">"."""
    parser = _Words()
    try:
        parser.feed(html)
        parser.close()
    except (AssertionError, ValueError):  # html.parser's own, on some broken declarations
        return html
    lines = (line.strip() for line in "".join(parser.words).split("\n"))
    return "\n".join(line for line in lines if line.strip("> "))
