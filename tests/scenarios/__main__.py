"""`python -m tests.scenarios [--rewrite] [FILE ...]`: play scenarios; with --rewrite, write what the engine answers."""

import argparse
import sys
from difflib import unified_diff
from pathlib import Path

from tests.scenarios.runner import FOLDER, rewrite


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.scenarios", description=__doc__)
    parser.add_argument("--rewrite", action="store_true", help="write the answers into the files")
    parser.add_argument("files", nargs="*", type=Path, help="scenarios; all of them if none is named")
    asked = parser.parse_args(arguments)
    differ = 0
    for path in asked.files or sorted(FOLDER.rglob("*.txt")):
        old = path.read_text(encoding="utf-8")
        new = rewrite(old)
        if new == old:
            continue
        differ += 1
        sys.stdout.writelines(unified_diff(old.splitlines(True), new.splitlines(True), path.name, "now"))
        if asked.rewrite:
            path.write_text(new, encoding="utf-8")
    return 0 if asked.rewrite or not differ else 1


if __name__ == "__main__":
    sys.exit(main())
