"""``python -m vaesym.page.vendor``: build ``sources/d3.mjs`` from the pinned packages of npm that the page draws with.

Only who changes a version in ``package.json`` needs this, and Node.js with npm; the file is part of the package.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from vaesym.inputs import InputError
from vaesym.page.build import SOURCES

PATH = SOURCES / "d3.mjs"
_ROOT = SOURCES.parent
#: What the page takes, by package.
_TAKEN = {"d3-scale": ("scaleLinear", "scaleLog"), "d3-shape": ("line",)}


def _licences(modules: Path) -> str:
    """Return each licence text with the packages, and their versions, that it covers."""
    covered: dict[str, list[str]] = {}
    for folder in sorted([*modules.glob("d3-*"), *modules.glob("internmap")]):
        version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        covered.setdefault((folder / "LICENSE").read_text(encoding="utf-8"), []).append(f"{folder.name} {version}")
    return "\n".join(f"{', '.join(names)}\n{text}" for text, names in covered.items())


def generate() -> str:
    """Return the module: the functions that the page takes, their licences before them.

    Raises
    ------
    vaesym.InputError
        npm is not at hand.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise InputError("npm, which brings the packages", "none on the path", "install Node.js")
    entry = "".join(f'export {{ {", ".join(names)} }} from "{package}";\n' for package, names in _TAKEN.items())
    with tempfile.TemporaryDirectory() as place:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_ROOT / name, place)
        subprocess.run([npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=place, check=True)
        built = subprocess.run(["node_modules/.bin/esbuild", "--bundle", "--minify", "--format=iife", "--target=es2022",
                                "--global-name=d3"], cwd=place, input=entry, capture_output=True, text=True, check=True)
        licences = _licences(Path(place) / "node_modules")
    given = "".join(f"export const {name} = d3.{name};\n" for names in _TAKEN.values() for name in names)
    return f"// @ts-nocheck\n/*\n{licences}*/\n{built.stdout}{given}"


if __name__ == "__main__":
    PATH.write_text(generate(), encoding="utf-8")
    print(f"{PATH} written")
