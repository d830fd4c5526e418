"""Files that people bring: configuration, rules, trade histories, market recordings, trading hours."""

import gzip
import tempfile
from datetime import UTC
from itertools import pairwise
from pathlib import Path

from stopline.cli.replay.fills import read_fills
from stopline.cli.replay.table import FileRefused
from stopline.config.errors import ConfigError
from stopline.config.load import load_bytes
from stopline.model.market_hours import HoursRefused, parse_hours, render_hours
from stopline.model.numbers import MAX_SCALED
from stopline.venue.readers.form import RecordingError
from stopline.venue.recorded import RecordedFeed
from tests.fuzz.target import Target

_folder = tempfile.TemporaryDirectory(prefix="stopline-fuzz-")
_GZIP = b"\x1f\x8b"
_FORMATS = {
    "q": b"ts_utc,open,high,low,close,volume,bid,bid_size,ask,ask_size\n",
    "m": b"symbol,ts_utc,open,high,low,close,volume,bid,bid_size,ask,ask_size\n",
    "d": b"symbol,date,open,high,low,close,volume\n",
}


def try_configuration(raw: bytes) -> None:
    """Load a stopline.yaml."""
    try:
        settings = load_bytes(raw, Path("stopline.yaml"), {"HOME_LIMIT": "1000", "EMPTY": ""})
    except ConfigError as refused:
        assert refused.problems and all(str(each) for each in refused.problems)
        return
    assert load_bytes(raw, Path("stopline.yaml"), {"HOME_LIMIT": "1000", "EMPTY": ""}) == settings


def try_rules(raw: bytes) -> None:
    """Load a file that holds nothing but rules."""
    try_configuration(b"rules:\n" + b"".join(b"  " + line + b"\n" for line in raw.split(b"\n")))


def _written(name: str, raw: bytes) -> Path:
    path = Path(_folder.name) / name
    path.write_bytes(raw)
    return path


def try_fills(raw: bytes) -> None:
    """Read a trade history, plain or gzipped."""
    try:
        found = read_fills(_written("fills.csv", raw), UTC)
    except FileRefused as refused:
        assert refused.lines()
        return
    assert found.fills
    assert all(0 < fill.qty <= MAX_SCALED and abs(fill.price) <= MAX_SCALED for fill in found.fills), raw
    assert all(abs(fill.when.at) <= MAX_SCALED for fill in found.fills), raw
    assert all(one.when.at <= other.when.at for one, other in pairwise(found.fills)), raw


def try_quotes(raw: bytes) -> None:
    """Read a recorded market, plain or gzipped."""
    try:
        feed = RecordedFeed(_written("ibm_fuzz.csv.gz" if raw.startswith(_GZIP) else "ibm_fuzz.csv", raw))
        quotes = list(feed.read())
    except RecordingError as refused:
        assert str(refused)
        return
    assert feed.survey().quotes == len(quotes) > 0
    for quote in quotes:
        for figure in (quote.bid, quote.ask, quote.last_price, quote.bid_size, quote.ask_size, quote.source_at):
            assert figure is None or abs(figure) <= MAX_SCALED, raw
    assert all(one.source_at <= other.source_at for one, other in pairwise(quotes)), raw


def try_hours(raw: bytes) -> None:
    """Read the hours of a market's day."""
    text = raw.decode("utf-8", "replace")
    try:
        spans = parse_hours(text)
    except HoursRefused as refused:
        assert str(refused)
        return
    assert all(each.opens_min < each.closes_min for each in spans), raw
    assert all(one.closes_min <= other.opens_min for one, other in pairwise(spans)), raw
    assert parse_hours(render_hours(spans)) == spans, raw


_FILLS = b"time,symbol,qty,price,fee\n2026-01-06T15:30:00Z,AAPL,100,175.25,1.05\n2026-01-06T15:31:00Z,AAPL,-100,176,1\n"
_SECONDS = _FORMATS["q"] + b"2013-10-07T13:30:00Z,1,1,1,184.5,100,184.4,3,184.6,2\n"
_LAST_DAY = _FORMATS["d"] + b"AAPL,9999-12-31,1,1,1,5,10\n"
_DAYS = _FORMATS["d"] + b"AAPL,2012-12-31,1,1,1,532.17,1000\nIBM,2012-12-31,1,1,1,190.1,0\n"
_MINUTES = _FORMATS["m"] + b"AAPL,2013-10-07T13:30:00Z,1,1,1,1.5,2,1.4,3,1.6,2\n"
FILES = (
    Target("configuration", try_configuration, ("stopline.config",)),
    Target("rules_file", try_rules, ("stopline.config",)),
    Target("fills_file", try_fills, ("stopline.cli.replay",), (_FILLS, gzip.compress(_FILLS, mtime=0))),
    Target(
        "quotes_file",
        try_quotes,
        ("stopline.venue.recorded", "stopline.venue.readers"),
        (_SECONDS, _DAYS, _MINUTES, _LAST_DAY, gzip.compress(_SECONDS, mtime=0)),
    ),
    Target("calendar", try_hours, ("stopline.model.market_hours",), (b"-17:00 15:15, 15:30 16:00", b"closed")),
)
