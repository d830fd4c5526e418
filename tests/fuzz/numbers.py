"""The number parser: any bytes and any text are an exact number within bounds, or refused."""

import json
from decimal import Decimal
from pathlib import Path

from stopline.model.numbers import MAX_SCALED, NumberRefused, parse_rounded, parse_scaled, render_scaled
from tests.fuzz.target import Target

HOSTILE = Path(__file__).parents[1] / "corpus" / "numbers.json"
PLACES = (4, 6, 8, 9)


def try_one(raw: bytes) -> None:
    """Parse one input at every scale, as bytes and as text; raises AssertionError where a promise breaks."""
    for places in PLACES:
        _try_at(raw, places)
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            continue
        try:
            scaled = parse_scaled(text, places)
        except NumberRefused:
            continue
        # Digits of another alphabet are none: what is read as text is read as bytes, to the same number.
        assert parse_scaled(raw, places) == scaled, raw


def _try_at(raw: bytes, places: int) -> None:
    try:
        scaled = parse_scaled(raw, places)
    except NumberRefused:
        _try_rounded(raw, places)
        return
    assert type(scaled) is int, scaled
    assert abs(scaled) <= MAX_SCALED, scaled
    mantissa = raw.lower().partition(b"e")[0]
    assert sum(1 for each in mantissa.lstrip(b"-0.") if each in b"0123456789") <= 20, raw
    assert Decimal(raw.decode("ascii")).scaleb(places) == scaled
    assert parse_scaled(render_scaled(scaled, places), places) == scaled
    assert parse_rounded(raw, places) == (scaled, False)


def _try_rounded(raw: bytes, places: int) -> None:
    """What is refused from people is refused from brokers, or it was only too fine."""
    try:
        scaled, rounded = parse_rounded(raw, places)
    except NumberRefused:
        return
    assert rounded, raw
    exact = Decimal(raw.decode("ascii")).scaleb(places)
    assert abs(exact - scaled) <= Decimal("0.5"), (raw, scaled)


def seeds() -> tuple[bytes, ...]:
    """Return the corpus of hostile numbers as bytes, without its giants."""
    corpus = json.loads(HOSTILE.read_text(encoding="utf-8"))
    found = []
    for case in corpus["accepted"] + corpus["refused"]:
        if "bytes" in case:
            found.append(bytes.fromhex(case["bytes"]))
        elif "text" in case:
            found.append(case["text"].encode("utf-8", "surrogatepass"))
    return tuple(found)


NUMBERS = (Target("number", try_one, ("stopline.model.numbers",), seeds()),)
