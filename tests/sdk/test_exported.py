"""The face of the client: what it exports, and that both clients are one."""

import inspect
import re
from typing import Any

import ringscore

from tests.given.sdk_server import ROOT

SDK = ROOT / "sdk"


def test_it_imports_nothing_of_the_server() -> None:
    for path in (SDK / "src").rglob("*.py"):
        found = re.findall(r"^\s*(?:from|import) (\w+)", path.read_text(), re.MULTILINE)
        assert not {"django", "reputation", "api", "config", "rest_framework"} & set(found), path


def test_what_is_exported_is_there_and_documented_and_nothing_else() -> None:
    public = {name for name in vars(ringscore) if not name.startswith("_")}
    assert set(ringscore.__all__) == public
    assert len(ringscore.__all__) == len(set(ringscore.__all__))
    for name in ringscore.__all__:
        assert getattr(ringscore, name).__doc__, name


def test_both_clients_have_the_same_methods_with_the_same_parameters_and_words() -> None:
    def methods(kind: type) -> dict[str, Any]:
        return {
            name: value
            for name, value in vars(kind).items()
            if not name.startswith("_") and callable(value)
        }

    def summary(method: Any) -> str:
        return str(inspect.getdoc(method)).partition("\n\n")[0]

    threaded, on_a_loop = methods(ringscore.Client), methods(ringscore.AsyncClient)
    own = {"aclose", "cached", "cached_bucket"}
    assert threaded.keys() - {"close"} == on_a_loop.keys() - own
    for name in threaded.keys() & on_a_loop.keys():
        pair = threaded[name], on_a_loop[name]
        assert len(set(map(inspect.signature, pair))) == 1, name
        assert len(set(map(summary, pair))) == 1, name
    assert inspect.signature(ringscore.Client) == inspect.signature(ringscore.AsyncClient)


def test_every_error_is_in_the_tree_of_the_docstring() -> None:
    from ringscore import _exceptions

    text = _exceptions.__doc__ or ""
    tree = re.findall(r"^ +(?:\* )?([A-Z]\w+)(?: {2,}|$)", text, re.MULTILINE)
    errors = {
        name
        for name in _exceptions.__all__
        if isinstance(value := getattr(ringscore, name), type) and issubclass(value, Exception)
    }
    assert set(tree) == errors
    assert all(issubclass(getattr(ringscore, name), ringscore.RingscoreError) for name in errors)
