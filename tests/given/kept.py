"""What somebody typed, and whether a page still has it."""

from urllib.parse import quote

from tests.given.visitors import Visitor

WORDS = 'He said <he> knows "my" school.'
HERE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


def kept(html: str) -> bool:
    return "He said &lt;he&gt; knows &quot;my&quot; school." in html


def in_chinese(anna: Visitor, page: str, name: str, to: str = "") -> str:
    """Types WORDS into a field of a page and changes the language; returns what is shown then.

    `to`: where the form of that field leads, if not to the page itself.
    """
    path = to or page.partition("?")[0]
    html = anna.get(page).content.decode()
    assert html.count(' id="fill"') == 1, page
    assert f'name="reading_in" form="fill" formaction="/language?next={quote(path)}"' in html
    typed = {"reading_in": "zh-hans", name: WORDS}
    response = anna.post(f"/language?next={quote(path)}", typed, **HERE)
    assert (response.status_code, response["Location"]) == (307, path)
    response = anna.post(path, typed, **HERE)
    html = response.content.decode()
    assert response.status_code == 200, path
    assert '<html lang="zh-hans">' in html
    assert kept(html), path
    assert 'class="error"' not in html, path
    assert 'id="problems"' not in html
    del anna.cookies["django_language"]
    return html
