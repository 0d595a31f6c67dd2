"""Write the formulas beside the views, from the book's expressions: ``python -m vaesym.page.formulas [--check]``."""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
from pathlib import Path
from typing import Any, cast

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter

from derivations import book
from derivations.frame.plain import plain_name

#: Where they are kept, so that a page needs no derivation.
PATH = Path(__file__).resolve().parent / "sources" / "formulas.json"
#: The steps that a view shows, by chapter and label.
STEPS = {
    "phase": (("collapse", "threshold"), ("exact-solution", "detection"), ("phases", "tricritical")),
    "curve": (("choosing-beta", "recovery"), ("choosing-beta", "best-error")),
    "rd": (("large-data", "rate-distortion"),),
    "potential": (("exact-solution", "potential"),),
    "spectrum": (("exact-solution", "outlier"),),
    "kl": (("exact-solution", "rate"), ("collapse", "active-kl")),
    "time": (("training-time", "flow"), ("training-time", "flow-threshold")),
}


class _Printer(MathMLPresentationPrinter):
    """Presentation MathML with every name as people write it."""

    def _print_Symbol(self, sym: Any, style: str = "plain") -> Any:
        del style
        if dotted := re.fullmatch(r"\\dot\{(.+)\}", sym.name):
            over = self.dom.createElement("mover")
            over.appendChild(self._print_Symbol(sp.Symbol(dotted[1])))
            over.appendChild(self._leaf("mo", "˙"))
            return over
        name, mark, index = re.findall(r"^([^_^]+)(?:([_^])\{?(.+?)\}?)?$", plain_name(sym.name))[0]
        letter = self._leaf("mi", sp.pretty(sp.Symbol(name), use_unicode=True))
        if not mark:
            return letter
        shifted = self.dom.createElement("msub" if mark == "_" else "msup")
        shifted.appendChild(letter)
        shifted.appendChild(self._leaf("mi", index))
        return shifted

    def _print_log(self, e: Any) -> Any:
        row = self.dom.createElement("mrow")
        row.appendChild(self._leaf("mi", "ln"))
        row.appendChild(self._leaf("mo", "("))
        row.appendChild(cast("Any", self._print(e.args[0])))
        row.appendChild(self._leaf("mo", ")"))
        return row

    def _leaf(self, tag: str, text: str) -> Any:
        node = self.dom.createElement(tag)
        node.appendChild(self.dom.createTextNode(text))
        return node


def mathml(expression: sp.Basic) -> str:
    """Return an expression as an element ``math``.

    >>> mathml(sp.Symbol("beta_c"))
    '<math display="block"><msub><mi>β</mi><mi>c</mi></msub></math>'
    """
    inside = _Printer().doprint(expression).replace("<mo>-</mo>", "<mo>−</mo>").replace("&InvisibleTimes;", "\u2062")
    inside = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), inside)
    return f'<math display="block">{inside}</math>'


def generate() -> str:
    """Return the formulas as JSON, view by view, each step checked now."""
    chapters = list(book())
    views: dict[str, list[dict[str, str]]] = {}
    for view, steps in STEPS.items():
        views[view] = []
        for chapter, label in steps:
            step = book()[chapter][label]
            verdict = step.check()
            number = f"{chapters.index(chapter) + 1}.{list(book()[chapter]).index(label) + 1}"
            # What a letter stands for, unless the words above the formula say so themselves.
            told = re.sub(r"[\s${}]", "", ", ".join(("", *step.premises)))
            folded = [sp.Eq(short, long) for short, long in step.where.items()
                      if step.statement.args[1].has(short) and f",{short}=" not in told]
            views[view].append({"mathml": "".join(map(mathml, (step.statement, *folded))), "number": number,
                                "title": ", ".join((step.title, *step.premises)), "verdict": verdict.kind.value})
    return json.dumps(views, ensure_ascii=False, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Write the formulas, or with ``--check`` print how they differ and return 1."""
    parser = argparse.ArgumentParser("python -m vaesym.page.formulas",
                                     description="Write the formulas of the explorer from the book.")
    parser.add_argument("--check", action="store_true", help="write nothing; print the differences, exit with 1 if any")
    check = parser.parse_args(arguments).check
    committed, fresh = PATH.read_text(encoding="utf-8") if PATH.exists() else "", generate()
    if committed == fresh:
        return 0
    if check:
        lines = committed.splitlines(True), fresh.splitlines(True)
        sys.stdout.writelines(difflib.unified_diff(*lines, PATH.name, "generated afresh"))
        return 1
    PATH.write_text(fresh, encoding="utf-8")
    sys.stdout.write(f"wrote {PATH.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
