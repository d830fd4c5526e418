"""What every reader of a setting does: its text, or why it does not fit, and what to write."""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from stopline.model.numbers import NumberRefused

T = TypeVar("T")
NONE: Final = "none"


class Unfit(ValueError):
    """A value that does not fit its setting. `fix` never repeats the value, which may be a secret."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


def text_of(value: object, fix: str) -> str:
    """Return the text of a value; refuse what is none."""
    if value is None:
        raise Unfit("has no value", f"{fix}, or take the line out")
    if not isinstance(value, str):
        raise Unfit("is a list or has settings below it", fix)
    return value.strip()


def optional(read: Callable[[object], T]) -> Callable[[object], T | None]:
    """Return a reader that takes `none` as well: the limit is not armed."""

    def read_or_none(value: object) -> T | None:
        if value == NONE:
            return None
        try:
            return read(value)
        except Unfit as unfit:
            raise Unfit(unfit.problem, f"{unfit.fix} (or `none`)") from None

    read_or_none.__wrapped__ = read  # type: ignore[attr-defined]
    return read_or_none


def items_of(value: object, fix: str) -> list[object]:
    """Return the items of a list, or of the one item that was written; `none` has none."""
    if value == NONE:
        return []
    return value if isinstance(value, list) else [text_of(value, f"{fix}, or `none`")]


def number_of(value: object, parse: Callable[[str], int], fix: str, *, least: int = 0) -> int:
    """Return a number that is not below `least`."""
    text = text_of(value, fix)
    try:
        number = parse(text)
    except NumberRefused as refused:
        raise Unfit(str(refused), fix) from None
    if number < least:
        raise Unfit(f"{text!r} is too small", fix)
    return number


def word_of(value: object, words: object, fix: str) -> str:
    """Return a text that is one of these words."""
    text = text_of(value, fix)
    known = [str(word) for word in words]  # type: ignore[attr-defined]
    if text not in known:
        raise Unfit(f"{text!r} is not known", fix)
    return text


def words_of(words: object) -> str:
    """Return words as a person is told them."""
    return ", ".join(str(word) for word in words)  # type: ignore[attr-defined]


def one_of(*words: str) -> Callable[[object], str]:
    """Return a reader of one of these words."""
    return lambda value: word_of(value, words, f"write {words_of(words)}")


def matching(pattern: str, fix: str) -> Callable[[object], str]:
    """Return a reader of text that matches a pattern as a whole."""
    compiled = re.compile(pattern, re.ASCII)

    def read(value: object) -> str:
        text = text_of(value, fix)
        if not compiled.fullmatch(text):
            raise Unfit(f"{text!r} does not fit", fix)
        return text

    return read
