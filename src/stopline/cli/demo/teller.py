"""Who tells the story: to people, in lines of at most 80 columns; or to programs, a JSON object a line.

A step is told while it happens. For programs it is one object once it is over: what was done, how it
came out, and whether that is what the story says.
"""

import json
import sys
import textwrap
from typing import Any, Final, Protocol

from stopline.cli.output import VERSION, has_colour

WIDTH: Final = 78
INDENT: Final = 4
GOOD, BAD, TITLE, FAINT, WARM = "32", "31", "1", "2", "33"
_GOOD_WORDS: Final = frozenset({"APPROVED", "DONE", "OK"})
_BAD_WORDS: Final = frozenset({"DENIED", "REFUSED", "NOT AS TOLD"})


class Teller(Protocol):
    """Hears the story as it happens."""

    def begin(self, number: int, name: str, title: str, why: str) -> None:
        """A step begins."""

    def act(self, did: str, outcome: str, **facts: Any) -> None:
        """Somebody asked for something, and was answered with one word."""

    def detail(self, text: str, **facts: Any) -> None:
        """What came of it."""

    def note(self, text: str) -> None:
        """Something happened that nobody asked for, such as a move of the price."""

    def end(self, wrong: str) -> None:
        """A step is over; `wrong` says what was not as told."""

    def finish(self, title: str, rows: list[tuple[str, str]], hints: list[str], **facts: Any) -> None:
        """The story is over."""


class ForPeople:
    """Lines of text; colour on a terminal only."""

    def begin(self, number: int, name: str, title: str, why: str) -> None:
        """Write the title, and why this is shown."""
        print(f"\n{number:2}  {paint(title, TITLE)}")
        self._wrapped(why, FAINT)

    def act(self, did: str, outcome: str, **facts: Any) -> None:
        """Write what was asked for, with the answer at the right edge."""
        word, _, rest = outcome.partition("  ")
        colour = GOOD if word in _GOOD_WORDS else BAD if word in _BAD_WORDS else WARM
        left = f"{'':{INDENT}}> {did}"
        answer = f"{paint(word, colour)}{'  ' + rest if rest else ''}"
        gap = WIDTH - len(left) - len(outcome)
        if gap < 2:
            print(left)
            left, gap = "", WIDTH - len(outcome)
        print(f"{left}{' ' * gap}{answer}")

    def detail(self, text: str, **facts: Any) -> None:
        """Write what came of it, below."""
        self._wrapped(text, "", INDENT + 2)

    def note(self, text: str) -> None:
        """Write what happened."""
        self._wrapped(f"~ {text}", WARM)

    def end(self, wrong: str) -> None:
        """Say so where the step did not go as told."""
        if wrong:
            print(f"{'':{INDENT}}{paint('NOT AS TOLD', BAD)}")
            self._wrapped(wrong, "", INDENT + 2)
        sys.stdout.flush()

    def finish(self, title: str, rows: list[tuple[str, str]], hints: list[str], **facts: Any) -> None:
        """Write the summary as a table, and what to try next."""
        print(f"\n    {paint(title, TITLE)}")
        width = max(len(name) for name, _ in rows)
        hanging = INDENT + 2 + width + 2
        for name, value in rows:
            wrapped = f"\n{'':{hanging}}".join(textwrap.wrap(value, WIDTH - hanging))
            print(f"{'':{INDENT + 2}}{name:{width}}  {wrapped}")
        if hints:
            print(f"\n    {paint('What to try next', TITLE)}")
        for hint in hints:
            print(f"{'':{INDENT + 2}}{hint}")
        sys.stdout.flush()

    def _wrapped(self, text: str, colour: str, indent: int = INDENT) -> None:
        for line in textwrap.wrap(text, WIDTH - indent):
            print(f"{'':{indent}}{paint(line, colour)}")
        sys.stdout.flush()


class ForPrograms:
    """One JSON object a line: a `demo_step` for each step, and a `demo_end`."""

    def __init__(self) -> None:
        self._step: dict[str, Any] = {}
        self._told: list[dict[str, Any]] = []

    def begin(self, number: int, name: str, title: str, why: str) -> None:
        """Remember which step it is."""
        self._step = {"step": number, "name": name, "title": title, "why": why}
        self._told = []

    def act(self, did: str, outcome: str, **facts: Any) -> None:
        """Remember what was asked for."""
        self._told.append({"did": did, "outcome": outcome.partition("  ")[0].lower(), **facts, "then": []})

    def detail(self, text: str, **facts: Any) -> None:
        """Remember what came of it."""
        if not self._told:
            self._told.append({"did": "", "outcome": "", "then": []})
        self._told[-1]["then"].append({"text": text, **facts})

    def note(self, text: str) -> None:
        """Remember what happened."""
        self._told.append({"did": text, "outcome": "happened", "then": []})

    def end(self, wrong: str) -> None:
        """Write the step."""
        _write("demo_step", **self._step, as_told=not wrong, wrong=wrong or None, told=self._told)

    def finish(self, title: str, rows: list[tuple[str, str]], hints: list[str], **facts: Any) -> None:
        """Write the summary."""
        _write("demo_end", **facts)


def _write(kind: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"version": VERSION, "kind": kind, **fields}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def paint(text: str, colour: str) -> str:
    """Return text in colour, where colour is wanted."""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and has_colour() else text
