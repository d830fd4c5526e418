"""What `replay fills` came to: as one JSON document, or as tables."""

from msgspec import Struct

from stopline.cli.output import write_json
from stopline.cli.replay.book import Day
from stopline.cli.replay.fills import FillFile
from stopline.cli.replay.fired import rules_json, write_fired
from stopline.cli.replay.report import day_json, totals_json, write_table
from stopline.cli.replay.shadow import Watch, not_judged
from stopline.model.account import AccountTerms
from stopline.model.numbers import render_money
from stopline.model.rules import Rules


class Told(Struct, frozen=True):
    """A trade history that was booked, and the rules that watched it, if any did."""

    history: FillFile
    terms: AccountTerms
    days: list[Day]
    notes: list[str]
    armed: Rules | None
    watch: Watch | None
    is_dated: bool


def write_told_json(told: Told, file: str, day_names: str) -> None:
    """Write one JSON document. `day_names` says what the days of the file are."""
    history, terms = told.history, told.terms
    beside: dict[str, object] = {}
    if told.armed is not None and told.watch is not None:
        unknown = not_judged(told.armed, is_dated=told.is_dated)
        beside["rules"] = rules_json(list(told.armed.armed()), unknown, told.watch)
    write_json(
        "replay_fills",
        file=file,
        currency=terms.currency,
        opening_cash=render_money(terms.opening_cash),
        lot_method=str(terms.lot_method),
        day_names=day_names,
        rounded=history.rounded,
        duplicates=history.duplicates,
        days=[day_json(day) for day in told.days],
        totals=totals_json(told.days),
        notes=told.notes,
        **beside,
    )


def write_told(told: Told) -> None:
    """Write the days as a table, and below it what fired."""
    write_table(told.days)
    if told.armed is not None and told.watch is not None:
        unknown = not_judged(told.armed, is_dated=told.is_dated)
        write_fired(list(told.armed.armed()), unknown, told.watch)
