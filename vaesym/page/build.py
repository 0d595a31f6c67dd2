"""Join the page's modules, its style and what it is given into one file of HTML that needs no network."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import vaesym
from vaesym.inputs import InputError

#: Where the modules, the style and the frame of the page are, and where the generated module is.
SOURCES = Path(__file__).resolve().parent / "sources"
_PACKAGE = SOURCES.parents[1]
_GLOSSARY, _FORMULAS = _PACKAGE / "guide" / "glossary.md", SOURCES / "formulas.json"
_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\./|\.\./\.\./generated/)([\w]+)\.mjs";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (const|function|async function) (\w+)", re.MULTILINE)
_PASSED_ON = re.compile(r"^export \{([^}]*)\};\n?", re.MULTILINE)


def _path(name: str) -> Path:
    return (SOURCES if (SOURCES / f"{name}.mjs").exists() else _PACKAGE / "generated") / f"{name}.mjs"


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]


@cache
def _module(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a module as one statement ``const name = (() => {...})();``, and the modules that it imports."""
    text = _path(name).read_text(encoding="utf-8")
    needed = tuple(found[3] for found in _IMPORT.finditer(text))
    text = _IMPORT.sub(lambda found: f"const {{ {', '.join(_names(found[1]))} }} = module_{found[3]};\n", text)
    given = [found[2] for found in _EXPORT.finditer(text)]
    given += [name for found in _PASSED_ON.finditer(text) for name in _names(found[1])]
    body = _PASSED_ON.sub("", _EXPORT.sub(r"\1 \2", text))
    return f"const module_{name} = (() => {{\n{body}\nreturn {{ {', '.join(given)} }};\n}})();\n", needed


def bundle(name: str) -> str:
    """Return a module of the page with all that it imports as one script, each module in a scope of its own.

    >>> bundle("spectrum").startswith("const module_spectrum = (() => {")
    True
    """
    order: dict[str, str] = {}

    def visit(module: str) -> None:
        if module in order:
            return
        text, needed = _module(module)
        for other in needed:
            visit(other)
        order[module] = text

    visit(name)
    return "".join(order.values())


@cache
def glossary() -> dict[str, str]:
    """Return term → meaning, in plain text, of the glossary.

    >>> glossary()["posterior collapse"][:38]
    'the encoder returns the prior whatever'
    """
    terms: dict[str, str] = {}
    for line in _GLOSSARY.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.replace(r"\|", "¦").strip().strip("|").split("|")]
        if len(cells) != 2 or not re.search(r"\w", cells[0]) or cells[0] == "word":
            continue
        meaning = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", re.sub(r"[`*]", "", cells[1])).replace("¦", "|")
        for term in re.findall(r"\*\*([^*]+)\*\*", cells[0]):
            terms.setdefault(term, meaning)
    return terms


@cache
def formulas() -> dict[str, list[dict[str, str]]]:
    """Return view → formulas of the book, as :mod:`vaesym.page.formulas` wrote them."""
    return json.loads(_FORMULAS.read_text(encoding="utf-8"))


def _in_script(text: str) -> str:
    """Return text that does not end the element ``script`` that holds it."""
    return text.replace("</", "<\\/").replace("<!--", "<\\!--")


def html(start: dict[str, Any], data: dict[str, Any] | None) -> str:
    """Return the page that opens at the parameters ``start``, with the spectrum ``data`` in it if there is one.

    Raises
    ------
    vaesym.InputError
        The package was installed without the sources of the page.
    """
    if not (SOURCES / "page.html").exists():
        raise InputError("an installation with the sources of the page", f"none in {SOURCES}", "install vaesym again")
    given = {"glossary": glossary(), "formulas": formulas(), "start": start, "data": data}
    parts = {
        "style": (SOURCES / "page.css").read_text(encoding="utf-8"), "version": vaesym.__version__,
        "given": _in_script(json.dumps(given, ensure_ascii=False, allow_nan=False, separators=(",", ":"))),
        "worker": _in_script(bundle("worker")), "app": _in_script(bundle("app")),
    }
    frame = (SOURCES / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], frame)
