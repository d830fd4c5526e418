"""`stopline`, and `python -m stopline`."""

import sys


def main() -> None:
    """Run the command line."""
    from stopline.cli.app import run_cli

    sys.exit(run_cli())


if __name__ == "__main__":
    main()
