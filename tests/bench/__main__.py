"""Measurements side by side with what others do, each in one run: `python -m tests.bench NAME [OPTIONS]`."""

from __future__ import annotations

import ast
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Run one measurement, or list them."""
    scripts = {path.stem: path for path in sorted(HERE.glob("*.py")) if "def main" in path.read_text("utf-8")}
    del scripts["__main__"]
    if not arguments or arguments[0] not in scripts:
        print(__doc__)
        for name, path in scripts.items():
            said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
            print(f"  {name:<12} {said.splitlines()[0] if said else ''}")
        return 2
    sys.path.append(str(HERE))  # benches share modules
    sys.argv = [str(scripts[arguments[0]]), *arguments[1:]]
    runpy.run_path(str(scripts[arguments[0]]), run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
