"""`stopline replay fills`: read, book, print."""

from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.cli.replay.book import Book, Day
    from stopline.cli.replay.fills import FillFile
    from stopline.cli.replay.marks import MarkFile
    from stopline.model.account import AccountTerms
    from stopline.model.rules import Rules

replay = typer.Typer(help="Your own trade history through the engine.", no_args_is_help=True)


@replay.callback()
def _group() -> None:
    """Keep `fills` a word of its own, though it is alone for now."""


@replay.command(
    epilog=examples(
        "stopline replay fills trades.csv --cash 100000",
        "stopline replay fills trades.csv.gz --cash 25000 --marks closes.csv --json",
        "stopline replay fills trades.csv --cash 100000 --lot-method fifo --mark-last-fill",
        "stopline replay fills trades.csv --cash 50000 --marks closes.csv --rules stopline.yaml",
    )
)
def fills(
    file: Annotated[Path, typer.Argument(help="CSV or .csv.gz: time,symbol,qty,price[,side,fee,exec_id,currency].")],
    cash: Annotated[str, typer.Option(help="Cash before the first fill.")],
    marks: Annotated[Path | None, typer.Option(help="CSV of closing prices: date,symbol,price.")] = None,
    mark_last_fill: Annotated[
        bool, typer.Option("--mark-last-fill", help="Where no mark is known, take the symbol's last fill price.")
    ] = False,
    lot_method: Annotated[str, typer.Option(help="How a close picks its cost: average or fifo.")] = "average",
    days: Annotated[
        str, typer.Option(help="Days: session, date (UTC), or auto: date where the file knows dates only.")
    ] = "auto",
    zone: Annotated[str, typer.Option(help="Time zone of the account's reset.")] = "America/New_York",
    reset: Annotated[str, typer.Option(help="Time of day at which a trading day ends.")] = "17:00",
    times: Annotated[str, typer.Option(help="Time zone of times that name none.")] = "UTC",
    multiplier: Annotated[
        list[str] | None, typer.Option(help="What a point of one symbol is worth, as SYMBOL=50. Repeatable.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="A stopline.yaml: which of its `rules` would have fired, and when.")
    ] = None,
    account: Annotated[
        str, typer.Option(help="Whose rules, where the accounts of that file have different ones.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Print the days of a trade history.

    Cash, P&L, equity and positions of every trading day. Fills are booked by the engine as a
    broker's reports are. A position without a mark is not priced, and figures that need its
    price show as unknown.

    With --rules, account rules watch in shadow: each line says what one would have asked for.
    Nothing of it is done to the history, so what comes after a breach is judged as it came.
    Rules that need prices are asked on the marks of each day's end, rules about trades and
    realized P&L after every fill, and some need what no file of fills holds: those say so.
    """
    from stopline.cli.replay.book import Book
    from stopline.cli.replay.days import CalendarDays, SessionDays
    from stopline.cli.replay.shadow import Watch
    from stopline.cli.replay.told import Told, write_told, write_told_json

    multipliers = _multipliers(multiplier or [])
    history, closes = _read(file, times, marks)
    terms = _terms(history, cash, lot_method, zone, reset)
    dated = _is_dated(days, history)
    cut = CalendarDays() if dated else SessionDays(terms)
    armed = None if rules is None else _rules(rules, account)
    watch = None if armed is None else Watch(armed, terms, cut)
    reported = _days(Book(terms, cut, multipliers, watch), history, closes, mark_last_fill)
    notes = [*_notes(history, times), *_unpriced_note([day.unpriced for day in reported], marks is None)]
    if mark_last_fill:
        notes.append("positions without a mark of their day are valued at their last fill (--mark-last-fill)")
    if armed is not None:
        notes += _rule_notes(armed, dated)
    told = Told(history, terms, reported, notes, armed, watch, is_dated=dated)
    if json:
        write_told_json(told, str(file), "date" if dated else f"session {zone} {reset}")
    else:
        write_told(told)
    for note in notes:
        say(f"note: {note}")


def _read(file: Path, times: str, marks: Path | None) -> "tuple[FillFile, MarkFile]":
    from stopline.cli.replay.fills import read_fills
    from stopline.cli.replay.marks import MarkFile, read_marks
    from stopline.cli.replay.table import FileRefused

    try:
        return read_fills(file, _zone(times)), MarkFile({}) if marks is None else read_marks(marks)
    except FileRefused as refused:
        raise Stop(Exit.USAGE, *refused.lines()) from None


def _is_dated(days: str, history: "FillFile") -> bool:
    """Return whether days are dates: else they are the sessions of the account."""
    if days not in ("auto", "date", "session"):
        raise Stop(Exit.USAGE, f"--days {days!r} is not known; write auto, date or session")
    return days == "date" or (days == "auto" and history.is_dated)


def _days(book: "Book", history: "FillFile", closes: "MarkFile", mark_last_fill: bool) -> "list[Day]":
    from stopline.cli.replay.book import NoSuchDay
    from stopline.cli.replay.instruments import UnknownMultiplier

    try:
        return list(book.days(history.fills, closes.marks, mark_last_fill=mark_last_fill))
    except NoSuchDay as refused:
        raise Stop(Exit.USAGE, str(refused), "give dates of trading days, or use --days date") from None
    except UnknownMultiplier as refused:
        raise Stop(Exit.USAGE, str(refused), "say it with --multiplier SYMBOL=50") from None


def _terms(history: "FillFile", cash: str, lot_method: str, zone: str, reset: str) -> "AccountTerms":
    from stopline.model.account import AccountTerms, LotMethod
    from stopline.model.numbers import NumberRefused, parse_money

    try:
        opening_cash = parse_money(cash)
    except NumberRefused as refused:
        raise Stop(Exit.USAGE, f"--cash: {refused}; write an amount such as 100000") from None
    if lot_method not in ("average", "fifo"):
        raise Stop(Exit.USAGE, f"--lot-method {lot_method!r} is not known; write average or fifo")
    _zone(zone)
    hour, _, minute = reset.partition(":")
    if not (len(reset) == 5 and hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise Stop(Exit.USAGE, f"--reset {reset!r} is no time of day; write it as 17:00")
    return AccountTerms(
        account="replay",
        broker="file",
        currency=_currency(history),
        opening_cash=opening_cash,
        lot_method=LotMethod(lot_method),
        reset_zone=zone,
        reset_time=reset,
    )


def _currency(history: "FillFile") -> str:
    """Return the one currency of the file: two cannot be added up without a rate."""
    first = history.fills[0]
    for fill in history.fills:
        if fill.currency != first.currency:
            raise Stop(
                Exit.USAGE,
                f"line {fill.line} is in {fill.currency or 'no currency'}, line {first.line} in "
                f"{first.currency or 'none'}; amounts of two currencies cannot be added up without a rate",
                "replay one currency at a time",
            )
    return first.currency or "USD"


def _rules(file: Path, account: str) -> "Rules":
    """Return the rules of a configuration, of one of its accounts if they differ."""
    from stopline.cli.configuration import load_settings

    by_account = load_settings(file).rules
    known = ", ".join(by_account)
    if account and account not in by_account:
        raise Stop(Exit.USAGE, f"--account {account!r} is no account of {file}; known there: {known}")
    chosen = [by_account[account]] if account else list(by_account.values())
    if any(each != chosen[0] for each in chosen):
        raise Stop(Exit.USAGE, f"the accounts of {file} have different rules", f"say whose with --account: {known}")
    if not chosen[0].armed():
        raise Stop(Exit.USAGE, f"{file} sets no rules", "write some below `rules:`, such as max_drawdown")
    return chosen[0]


def _rule_notes(armed: "Rules", dated: bool) -> list[str]:
    from stopline.cli.replay.shadow import AT_MARKS

    notes = ["rules ran in shadow: nothing they ask for was done, so what follows a breach is judged as it came"]
    if at_marks := [name for name in armed.armed() if name in AT_MARKS]:
        notes.append(f"judged on the marks of each day's end, and unknown without: {', '.join(at_marks)}")
    if dated and armed.trade_frequency is not None:
        notes.append("the file knows dates only: for trade_frequency all trades of a day are at one instant")
    return notes


def _multipliers(given: list[str]) -> dict[str, int]:
    from stopline.model.numbers import NumberRefused, parse_price

    multipliers: dict[str, int] = {}
    for text in given:
        symbol, _, number = text.rpartition("=")
        try:
            multipliers[symbol] = parse_price(number)
        except NumberRefused as refused:
            raise Stop(Exit.USAGE, f"--multiplier {text!r}: {refused}; write SYMBOL=50") from None
        if not symbol or multipliers[symbol] <= 0:
            raise Stop(Exit.USAGE, f"--multiplier {text!r}: write a symbol and a number above zero, as ESZ6=50")
    return multipliers


def _zone(name: str) -> tzinfo:
    from stopline.runtime.zones import UnknownZone, load_zone

    try:
        return UTC if name == "UTC" else load_zone(name)
    except UnknownZone as refused:
        raise Stop(Exit.USAGE, str(refused)) from None


def _notes(history: "FillFile", times: str) -> list[str]:
    """Return what was noticed while reading, so that nothing happens in silence."""
    from stopline.cli.replay.instruments import is_root

    notes = []
    if history.unused_columns:
        notes.append(f"columns not used: {', '.join(history.unused_columns)}")
    if history.rounded:
        notes.append(f"{history.rounded} fills were finer than 1e-8 (price) or 1e-9 (qty) and were rounded")
    if history.duplicates:
        notes.append(f"{history.duplicates} rows repeat an exec_id with the same content and were booked once")
    if roots := sorted({fill.symbol for fill in history.fills if is_root(fill.symbol)}):
        notes.append(f"{', '.join(roots)}: taken as equities; a future is written as fut:ES:2026-12 or ESZ6")
    if history.reordered == "reversed":
        notes.append("the file runs from new to old and was read from its end")
    if history.reordered == "sorted":
        notes.append("the file is not in order of time; rows were sorted, those of one instant as they stand")
    if history.without_zone and not history.is_dated:
        notes.append(f"{history.without_zone} times name no zone and were read as {times} (--times)")
    return notes


def _unpriced_note(unpriced: list[tuple[str, ...]], no_marks: bool) -> list[str]:
    days = sum(1 for symbols in unpriced if symbols)
    if not days:
        return []
    fix = "give closing prices with --marks, or take last fills with --mark-last-fill"
    if not no_marks:
        fix = "the marks file has no price for them"
    return [f"positions are not priced at the end of {days} days, so equity and P&L are unknown there: {fix}"]
