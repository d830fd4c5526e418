"""Write the rendered pages, or with --check compare them."""

import argparse
import sys

from tools.docs.pages import find_orphans, find_stale, render_all


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is out of date")
    is_check = parser.parse_args().check
    pages = render_all()
    stale = list(find_stale(pages))
    if is_check:
        print("\n".join(stale) or f"docs: {len(pages)} rendered pages are up to date")
        if stale:
            print("run `make docs` and commit what it writes", file=sys.stderr)
        return bool(stale)
    for path, text in pages.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in find_orphans(pages):
        path.unlink()
    print(f"docs: {len(pages)} pages rendered, {len(stale)} of them new, changed or gone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
