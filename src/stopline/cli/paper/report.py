"""What a run came to: figures, and the curve, from the journal and from the account as views show it."""

import shutil
import sys
import textwrap
from collections import Counter
from typing import Any, Final

from msgspec import Struct

from stopline.cli.chart import chart
from stopline.cli.figures import UNKNOWN, group, money
from stopline.cli.instants import minutes_text, seconds_text
from stopline.cli.output import facts, write_json
from stopline.cli.resample import resample
from stopline.cli.tally import Tally
from stopline.messages.events import OrderDenied
from stopline.model.numbers import Money, Nanos, render_money, render_qty
from stopline.venue.recorded import Survey
from stopline.views.account import AccountBody
from stopline.views.wire import instant, symbol_of

HEIGHT: Final = 13
WIDEST: Final = 100
DENIALS: Final = 5
"""Shown one by one."""
TEXT_WIDTH: Final = 72
CURVE_POINTS: Final = 200
"""In JSON."""


class Outcome(Struct, frozen=True, kw_only=True):
    """A run that is over, or was stopped."""

    source: str
    survey: Survey
    played: int
    at: Nanos
    """How far engine time came."""
    complete: bool
    fault: str
    """Why the feed ended early, if it did."""
    tally: Tally
    body: AccountBody
    equity: Money | None
    refused: Counter[str]
    not_sent: int
    """Orders outside the file's time, or behind where the run was stopped."""

    @property
    def pnl(self) -> Money | None:
        """Equity at the end - equity at the first session's open - transfers: the day's formula, over all days."""
        opening = self.tally.opening
        return None if self.equity is None or opening is None else self.equity - opening - self.tally.transfers


def write_report(outcome: Outcome) -> None:
    """Write the summary and the curve for people, on stdout."""
    facts(_rows(outcome))
    _write_denials(outcome.tally)
    points = [(mark.at, mark.equity) for mark in outcome.tally.marks]
    if len(points) < 2:
        print("\nno equity curve: nothing moved the account")
        return
    width = min(shutil.get_terminal_size((80, 24)).columns, WIDEST)
    print(f"\nequity, {outcome.body.currency}")
    for line in chart(
        points, width, HEIGHT, cents, minutes_text, base=outcome.tally.opening, plain=not _takes_braille()
    ):
        print(line)


def _write_denials(tally: Tally) -> None:
    """Write the first orders that were denied, with the gate's own words."""
    if tally.denials:
        print("\ndenied")
    for at, denial in tally.denials[:DENIALS]:
        request = denial.request
        side, symbol = request.side.value.upper(), denial.symbol or symbol_of(request.instrument_id)
        print(f"  {seconds_text(at)}  {request.client_order_id}  {side} {render_qty(request.order_qty)} {symbol}")
        for line in textwrap.wrap(f"{denial.check}: {denial.message}", TEXT_WIDTH):
            print(f"      {line}")
        if denial.max_passing_qty:
            print(f"      would pass: up to {render_qty(denial.max_passing_qty)} {symbol}")
    if len(tally.denials) > DENIALS:
        print(f"  and {len(tally.denials) - DENIALS} more")


def _rows(outcome: Outcome) -> list[tuple[str, str]]:
    tally, body, survey = outcome.tally, outcome.body, outcome.survey
    fall = tally.drawdown()
    ended = f"{seconds_text(outcome.at)}{'' if outcome.complete else ', stopped before the end'}"
    left_out = f", left out: {_counts(survey.dropped)}" if survey.dropped else ""
    state = f"{body.trading_state}, open positions {body.open_positions}, working orders {body.working_orders}"
    return [
        ("market", f"{outcome.source} ({survey.form})"),
        ("engine time", f"{seconds_text(survey.starts_at)} to {ended}"),
        ("quotes", f"{group(str(outcome.played))} of {group(str(survey.quotes))} played{left_out}"),
        ("orders", f"{tally.approved} approved ({tally.reducing} exits), {tally.denied.total()} denied"),
        ("denied by", _counts(tally.denied)),
        ("refused", _counts(outcome.refused)),
        ("not sent", str(outcome.not_sent) if outcome.not_sent else ""),
        ("became of them", _fates(tally)),
        ("fills", f"{tally.fills}, fees {cents(tally.fees)}"),
        ("breakers", "; ".join(f"{each.trigger_type} at {seconds_text(at)}" for at, each in tally.breakers) or "none"),
        ("P&L", f"{_signed(outcome.pnl)} {body.currency}, equity {_money(outcome.equity)}"),
        (
            "max drawdown",
            f"{cents(fall.amount)} {body.currency}, {seconds_text(fall.peak.at)} to {seconds_text(fall.trough.at)}"
            if fall is not None and fall.amount
            else "none",
        ),
        ("at the end", state),
        ("not priced", ", ".join(body.unpriced)),
        ("journal", f"{group(str(tally.records))} records"),
        ("the feed", outcome.fault),
    ]


def _fates(tally: Tally) -> str:
    counts = {"canceled": tally.canceled, "expired": tally.expired, "rejected": tally.rejected}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def _counts(counted: "Counter[str]") -> str:
    return ", ".join(f"{name} {group(str(count))}" for name, count in counted.most_common())


def cents(value: Money) -> str:
    """Return money to the cent."""
    return money(render_money(value))


def _money(value: Money | None) -> str:
    return UNKNOWN if value is None else cents(value)


def _signed(value: Money | None) -> str:
    return UNKNOWN if value is None else money(render_money(value), signed=True)


def _takes_braille() -> bool:
    """Return whether whoever reads stdout can be sent braille."""
    try:
        "⣿┄│┤└─".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def write_as_json(outcome: Outcome) -> None:
    """Write one JSON document; the curve in it has at most 200 points, the last of each stretch of time."""
    tally, body, survey = outcome.tally, outcome.body, outcome.survey
    fall = tally.drawdown()
    write_json(
        "paper",
        complete=outcome.complete,
        market=outcome.source,
        form=survey.form,
        starts_at=instant(survey.starts_at),
        ends_at=instant(survey.ends_at),
        at=instant(outcome.at),
        quotes={"played": outcome.played, "in_file": survey.quotes, "left_out": dict(survey.dropped)},
        orders=_orders_json(outcome),
        denials=[_denial_json(at, each) for at, each in tally.denials],
        fills=tally.fills,
        fees=render_money(tally.fees),
        breakers=[
            {"at": instant(at), "trigger_type": each.trigger_type, "reason": each.reason} for at, each in tally.breakers
        ],
        pnl=None if outcome.pnl is None else render_money(outcome.pnl),
        max_drawdown=None
        if fall is None
        else {"amount": render_money(fall.amount), "from": instant(fall.peak.at), "to": instant(fall.trough.at)},
        account=_plain(body),
        curve=_curve(tally),
        journal_records=tally.records,
        feed_error=outcome.fault or None,
    )


def _orders_json(outcome: Outcome) -> dict[str, Any]:
    tally = outcome.tally
    return {
        "approved": tally.approved,
        "exits": tally.reducing,
        "denied": tally.denied.total(),
        "denied_by": dict(tally.denied),
        "refused": dict(outcome.refused),
        "not_sent": outcome.not_sent,
        "canceled": tally.canceled,
        "expired": tally.expired,
        "rejected": tally.rejected,
    }


def _denial_json(at: Nanos, denial: OrderDenied) -> dict[str, Any]:
    return {
        "at": instant(at),
        "client_order_id": denial.request.client_order_id,
        "check": denial.check,
        "message": denial.message,
        "max_passing_qty": None if denial.max_passing_qty is None else render_qty(denial.max_passing_qty),
    }


def _plain(body: AccountBody) -> dict[str, Any]:
    names = (
        "account currency trading_state trading_day equity cash total_pnl realized_pnl unrealized_pnl "
        "open_positions working_orders unpriced"
    ).split()
    return {name: getattr(body, name) for name in names}


def _curve(tally: Tally) -> list[tuple[str, str]]:
    points = [(mark.at, mark.equity) for mark in tally.marks]
    if len(points) > CURVE_POINTS:
        first, length = points[0][0], points[-1][0] - points[0][0]
        spans = resample(points, CURVE_POINTS)
        points = [(first + length * (n + 1) // CURVE_POINTS, span.last) for n, span in enumerate(spans)]
    return [(instant(at), render_money(equity)) for at, equity in points]
