"""Write Python source for an expression: one printer a backend, common parts computed once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import log1p

from vaesym.codegen.function import BACKENDS, POINT, RESULT, NumericFunction
from vaesym.codegen.namespaces import NAMESPACES
from vaesym.codegen.printers import PRINTERS
from vaesym.codegen.program import Program, Repeat
from vaesym.codegen.supported import printed_names
from vaesym.codegen.writer import Writer, scalar, with_masks, with_releases

_cache: dict[str, NumericFunction] = {}


def use_log1p(expression: Any) -> Any:
    """Rewrite every ln(u) as log1p(u − 1) with u − 1 in lowest terms, so that nothing cancels near u = 1.

    >>> q, b = sp.symbols("q b", positive=True)
    >>> use_log1p(sp.log(b / (q + b)))
    log1p(-q/(b + q))
    """
    return expression.replace(
        lambda node: isinstance(node, sp.log),
        lambda node: log1p(sp.factor(sp.cancel(sp.together(node.args[0] - 1)))),
    )


def _flatten(expression: Any) -> tuple[list[Any], tuple[int, ...]]:
    if isinstance(expression, sp.MatrixBase):
        shape = (expression.rows,) if expression.cols == 1 else (expression.rows, expression.cols)
        return [scalar(entry) for entry in expression.flat()], shape
    if isinstance(expression, (tuple, list, sp.Tuple)):
        parts: Any = expression
        return [scalar(part) for part in parts], (len(parts),)
    return [scalar(expression)], ()


def source_of(name: str, expression: Any, arguments: Mapping[str, sp.Symbol], backend: str,
              doc: str = "") -> tuple[str, tuple[int, ...]]:
    """Return (source, shape) of a function of the named arguments that computes ``expression``.

    Parameters
    ----------
    name : name of the function
    expression : expression, matrix, sequence of expressions, or :class:`Program` (one result makes a number)
    arguments : argument name → symbol, in calling order; a keyword such as ``lambda`` is written ``lambda_``
    backend : "numpy", "mpmath", "torch" (one text, whose first argument ``xp`` is the backend's namespace; constants of
        any precision for mpmath), "numba" (Python for single numbers, to be compiled), "javascript", or
        "arb" (Python for single balls of python-flint, or rational numbers where no root or logarithm occurs; no loops)
    doc : docstring of the function

    Raises
    ------
    ValueError
        Unknown backend, symbols that are not arguments, names that cannot stand in the source, a nested result, or
        anything besides real arithmetic, whole and half powers, ``Where``, and the functions that every backend has
        (JavaScript lacks erf and erfc).

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> print(source_of("f", sp.log(x) + x**2 / 2, {"x": x}, "numpy")[0])
    def f(xp, x):
        return (1/2)*x**2 + xp.log(x)
    <BLANKLINE>
    >>> from vaesym.codegen import Where
    >>> print(source_of("f", Where(x, sp.sqrt(x), 0), {"x": x}, "javascript")[0])
    export function f(x) {
      return (x > 0 ? Math.sqrt(x) : 0);
    }
    <BLANKLINE>
    """
    if backend not in PRINTERS:
        raise ValueError(f"expected a backend among {list(PRINTERS)}; received {backend!r}; choose one of them")
    arguments = printed_names(name, arguments)
    given = expression.pruned() if isinstance(expression, Program) else Program((), {"": expression})
    results: Any = tuple(given.results.values()) if isinstance(expression, Program) else expression
    parts, shape = _flatten(results[0] if isinstance(expression, Program) and len(results) == 1 else results)
    if not parts:
        raise ValueError("expected at least one result; received none; name what is to be computed")
    _require_arguments(Program(given.statements, {str(i): part for i, part in enumerate(parts)}), arguments)
    writer = Writer(backend, arguments, given.statements)
    lines, printed = writer.program(given.statements, parts)
    return _function(name, list(arguments), lines, printed if shape else printed[0], backend, doc), shape


def _require_arguments(program: Program, arguments: Mapping[str, sp.Symbol]) -> None:
    given, unknown = set(arguments.values()), program.arguments() - set(arguments.values())
    twins = sorted({symbol.name for symbol in unknown} & {symbol.name for symbol in given})
    if twins:
        raise ValueError(f"expected one symbol for each name; received {twins} both as arguments and, with other "
                         "assumptions (as positive=True), in the expression; make each symbol once and use it in both")
    missing = sorted(map(str, unknown))
    if missing:
        raise ValueError(f"expected every symbol among the arguments; received {missing} besides; add them")


def _function(name: str, arguments: list[str], lines: list[str], printed: str | list[str], backend: str,
              doc: str) -> str:
    """Return the text of the function around its lines."""
    if backend == "javascript":
        return _javascript(name, arguments, lines, printed, doc)
    entries = [printed] if isinstance(printed, str) else printed
    if backend in NAMESPACES:
        lines, entries = with_masks(arguments, lines, entries)
        lines = with_releases(lines, entries)
        arguments = ["xp", *arguments]
    text = [f'    """{doc}"""'] if doc else []
    text += [f"    {line}" for line in lines]
    if backend == "numba":
        text += [f"    {RESULT}[{i}, {POINT}] = {entry}" for i, entry in enumerate(entries)]
        head = ["@scalar", f"def {name}({', '.join([*arguments, RESULT, POINT])}):"]
        return "\n".join([*head, *text]) + "\n" + _over_arrays(name, arguments, len(entries))
    if isinstance(printed, str):
        text.append(f"    return {entries[0]}")
    else:
        text += ["    return (", *[f"        {entry}," for entry in entries], "    )"]
    return "\n".join([f"def {name}({', '.join(arguments)}):", *text]) + "\n"


def _javascript(name: str, arguments: list[str], lines: list[str], printed: str | list[str], doc: str) -> str:
    result = printed if isinstance(printed, str) else f"[{', '.join(printed)}]"
    # Types are said in comments, for compilers that check plain JavaScript.
    types = " ".join(f"@param {{number}} {argument}" for argument in arguments)
    comment = [f"/** {doc}", f" * {types} */"] if doc else []
    body = [line if line.endswith((";", "{", "}")) else f"const {line};" for line in lines]
    return "\n".join([*comment, f"export function {name}({', '.join(arguments)}) {{",
                      *[f"  {line}" for line in body], f"  return {result};", "}"]) + "\n"


def _over_arrays(name: str, arguments: list[str], results: int) -> str:
    """Return the text of the loop over the points from ``start`` to ``end`` of arrays.

    ``runs`` says how often each element of one is repeated.

    Arguments go by number, so that none of their names can hide what the loop uses.
    """
    own = [f"array_{i}" for i in range(len(arguments))]
    gathered = "\n".join(f"        gather({array}, runs[{i}], first, used, points, given[{i}])"
                         for i, array in enumerate(own))
    at_point = ", ".join(f"given[{i}, lane]" for i in range(len(arguments)))
    return f"""

@arrays
def {name}_over_arrays({', '.join([*own, 'runs', 'result', 'start', 'end'])}):
    if result.shape[0] != {results}:
        raise ValueError("expected room for {results} results; generate the source again")
    points = result.shape[1]
    given = numpy.ones(({max(len(arguments), 1)}, BLOCK))
    found = numpy.empty(({results}, BLOCK))
    for first in range(start, end, BLOCK):
        used = min(BLOCK, end - first)
{gathered or '        # No argument: nothing to gather.'}
        for lane in range(BLOCK):
            {name}({at_point + ', ' if at_point else ''}found, lane)
        for k in range({results}):
            scatter(found[k], result[k], first, used)
"""


def lower(name: str, expression: Any, arguments: Mapping[str, sp.Symbol] | Sequence[sp.Symbol],
          backend: str = "numpy") -> NumericFunction:
    """Return ``expression`` as a :class:`NumericFunction` of the arguments; same content, same object.

    ``arguments`` maps names to symbols in calling order, or lists symbols that keep their names.
    The cache key holds the expression, the argument order, the backend, the SymPy version and the source of
    the printers.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> f = lower("f", [x + y, 1], [x, y])
    >>> f([1.0, 2.0], 3.0)
    array([[4., 1.],
           [5., 1.]])
    """
    if not isinstance(arguments, Mapping):
        named = {symbol.name: symbol for symbol in arguments}
        if len(named) < len(arguments):
            other = " (with other assumptions)" if len(set(arguments)) > len(named) else ""
            raise ValueError(f"expected symbols of different names; received {list(arguments)}{other}; pass a mapping "
                             "of names to the symbols")
        arguments = named
    if backend in PRINTERS and backend not in BACKENDS:
        raise ValueError(f"expected a backend that runs here over arrays, among {list(BACKENDS)}; received {backend!r};"
                         " take its text from source_of")
    content = (name, _written(expression), [(a, sp.srepr(s)) for a, s in arguments.items()], backend, sp.__version__,
               [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))])
    key = hashlib.sha256(repr(content).encode()).hexdigest()
    if key not in _cache:
        source, shape = source_of(name, expression, arguments, backend)
        _cache[key] = NumericFunction.from_source(f"{header(backend)}\n\n{source}".lstrip(), name, shape, backend)
    return _cache[key]


def header(backend: str, *, cached: bool = False) -> str:
    """Return what the source of a backend starts with; arrays and JavaScript need nothing.

    ``cached`` tells numba to keep the compiled code beside the file that the source is written to.

    >>> header("arb").splitlines()[2]
    'from flint import arb, fmpq'
    """
    if backend == "arb":
        text = Path(__file__).with_name("arb_prelude.py").read_text(encoding="utf-8")
        return text[text.index("from typing"):].rstrip()
    if backend != "numba":
        return ""
    text = Path(__file__).with_name("numba_prelude.py").read_text(encoding="utf-8")
    prelude = text[text.index("import math"):]
    return (f"{prelude}\n\n# Without Python's lock, so that threads can share the points out.\n"
            f'arrays = numba.njit(error_model="numpy", nogil=True, cache={cached})')


def _written(expression: Any) -> str:
    if not isinstance(expression, Program):
        return sp.srepr(expression)
    loops = [(s.times, sp.srepr(s.start), sp.srepr(s.following)) if isinstance(s, Repeat) else sp.srepr(s.value)
             for s in expression.statements]
    symbols = [sp.srepr(s.symbol) for s in expression.statements]
    return repr((symbols, loops, {name: sp.srepr(sp.sympify(value)) for name, value in expression.results.items()}))
