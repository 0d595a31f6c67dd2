"""Write the shipped problems lowered: ``python -m vaesym.problems.generate [--check]``."""

from __future__ import annotations

import sys
from pathlib import Path

from vaesym import problems
from vaesym.problem.source import source

FOLDER = Path(__file__).resolve().parent / "generated"


def written() -> dict[str, str]:
    """Return the source of each shipped problem by name."""
    return {name: source(getattr(problems, name)) for name in problems.HOMES}


def main(arguments: list[str]) -> int:
    """Write the sources, or with ``--check`` return 1 where they differ from what is there."""
    stale = []
    for name, text in written().items():
        path = FOLDER / f"{name}.py"
        if "--check" in arguments:
            stale += [] if path.exists() and path.read_text(encoding="utf-8") == text else [name]
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"differs from what is derived: {', '.join(stale)}; run python -m vaesym.problems.generate")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
