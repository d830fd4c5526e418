"""Patterns that name instruments: in allow and deny lists.

A pattern with a colon is compared with the whole canonical id and the whole product; in
it `*` stands for any run of characters and `?` for one: `fut:ES*`, `eq:US:*`, `cr:???USD`.
A pattern without a colon is a name, not a wildcard: it is the instrument's symbol or the
last part of its product, exactly (`ES` is every ES future, and Eversource too, whose
symbol it is). So `ES*` names nothing: raw prefixes hit what nobody meant, and `defect`
says so before such a pattern gets into a limit. `*` alone is everything. `a&b` is what
both name.

Source     semantics.md sections 1 (patterns) and 5 (18, `instrument_allowed`).
"""

from stopline.model.instrument import Instrument

EVERYTHING = "*"
BOTH = "&"


def names(pattern: str, instrument: Instrument) -> bool:
    """Return whether the pattern names the instrument."""
    return all(_names(part, instrument) for part in pattern.split(BOTH))


def _names(pattern: str, instrument: Instrument) -> bool:
    if pattern == EVERYTHING:
        return True
    if ":" in pattern:
        return glob(pattern, instrument.instrument_id) or glob(pattern, instrument.product)
    return pattern in (instrument.symbol, instrument.product.rpartition(":")[2]) and pattern != ""


def defect(pattern: str) -> str:
    """Return what is wrong with a pattern, or nothing: one that can never match protects nobody."""
    for part in pattern.split(BOTH):
        if not part or part != part.strip():
            return f"{pattern!r} has an empty or padded part"
        if part != EVERYTHING and ":" not in part and ("*" in part or "?" in part):
            return f"{part!r} has a wildcard but no colon: write the canonical id or product, such as fut:ES*"
    return ""


def glob(pattern: str, text: str) -> bool:
    """Return whether the whole text fits; linear but for going back to the last star."""
    at = place = 0
    star = mark = -1
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at += 1
            place += 1
        elif star >= 0:
            mark += 1
            at, place = star + 1, mark
        else:
            return False
    return not pattern[at:].strip("*")
