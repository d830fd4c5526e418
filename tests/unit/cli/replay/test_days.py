"""Which trading day a fill belongs to, and what a day shows at its end."""

import pytest

from stopline.cli.replay.days import CalendarDays, SessionDays
from stopline.cli.replay.times import UTC, parse_time
from stopline.model.account import AccountTerms

NEW_YORK = SessionDays(AccountTerms("a", "b"))
CHICAGO = SessionDays(AccountTerms("a", "b", reset_zone="America/Chicago"))


def day_of(days, text):
    return days.of_instant(parse_time(text, UTC).at).session_id


@pytest.mark.parametrize(
    ("days", "time", "day"),
    [
        pytest.param(NEW_YORK, "2026-01-06T21:59:59Z", "2026-01-06", id="before the reset"),
        pytest.param(NEW_YORK, "2026-01-06T22:00:00Z", "2026-01-07", id="at the reset"),
        pytest.param(NEW_YORK, "2026-07-06T21:00:00Z", "2026-07-07", id="at the reset in summer"),
        pytest.param(NEW_YORK, "2026-01-09T23:00:00Z", "2026-01-12", id="after Friday's reset it is Monday"),
        pytest.param(CHICAGO, "2026-01-06T22:30:00Z", "2026-01-06", id="Chicago resets an hour later"),
        pytest.param(CalendarDays(), "2026-01-10T00:00:00Z", "2026-01-10", id="a Saturday as written"),
        pytest.param(CalendarDays(), "2026-01-06T23:59:59Z", "2026-01-06", id="the end of a date"),
    ],
)
def test_of_an_instant(days, time, day):
    assert day_of(days, time) == day


@pytest.mark.parametrize("days", [NEW_YORK, CHICAGO, CalendarDays()])
@pytest.mark.parametrize("name", ["2026-01-05", "2026-01-06", "2026-03-09", "2026-11-02", "2024-02-29"])
def test_of_a_name(days, name):
    named = days.named(parse_time(name, UTC).day)
    assert named.session_id == name
    assert days.of_instant(named.opens_at) == named
    assert days.of_instant(named.resets_at - 1) == named


def test_no_trading_day_is_named_by_a_saturday():
    assert NEW_YORK.named(parse_time("2026-01-10", UTC).day) is None


FILLS = """time,symbol,qty,price,fee
2026-01-06T15:00:00Z,AAPL,10,100,1
2026-01-06T23:00:00Z,AAPL,-4,110,1
"""


@pytest.fixture
def replay(run, tmp_path):
    def replay(text, *options, marks=None):
        (tmp_path / "fills.csv").write_text(text)
        if marks is not None:
            (tmp_path / "marks.csv").write_text("date,symbol,price\n" + marks)
            options = (*options, "--marks", "marks.csv")
        return run("replay", "fills", "fills.csv", "--cash", "5000", *options)

    return replay


def test_days_of_sessions_and_of_dates(replay):
    by_session = replay(FILLS, "--json").json
    assert [(day["date"], day["fills"]) for day in by_session["days"]] == [("2026-01-06", 1), ("2026-01-07", 1)]
    assert by_session["day_names"] == "session America/New_York 17:00"
    by_date = replay(FILLS, "--json", "--days", "date").json
    assert [(day["date"], day["fills"]) for day in by_date["days"]] == [("2026-01-06", 2)]


def test_a_carried_position_starts_at_its_session_open_mark(replay):
    """Long 10 bought at 100, closed at 105; next day 4 are sold at 110 and it closes at 108."""
    first, second = replay(FILLS, "--json", marks="2026-01-06,AAPL,105\n2026-01-07,AAPL,108\n").json["days"]
    assert (first["realized_pnl"], first["unrealized_pnl"], first["day_pnl"]) == ("-1.00", "50.00", "49.00")
    assert (second["realized_pnl"], second["unrealized_pnl"], second["day_pnl"]) == ("19.00", "18.00", "37.00")
    assert (second["realized_pnl_entry"], second["open_pnl"], second["fees"]) == ("39.00", "48.00", "1.00")
    assert (second["cash"], second["equity"], second["baseline"]) == ("4438.00", "5086.00", "5049.00")
    assert second["positions"] == [
        {"symbol": "AAPL", "qty": "6", "cost": "600.00", "avg_entry_price": "100.00", "mark_price": "108.00",
         "market_value": "648.00", "open_pnl": "48.00"}
    ]  # fmt: skip


def test_without_a_mark_it_is_unknown_and_said(replay):
    done = replay(FILLS)
    assert done.code == 0
    assert "positions are not priced at the end of 2 days" in done.err
    last = replay(FILLS, "--json").json["days"][-1]
    assert (last["equity"], last["day_pnl"], last["open_pnl"], last["unpriced"]) == (None, None, None, ["AAPL"])
    assert (last["cash"], last["realized_pnl_entry"]) == ("4438.00", "39.00")


def test_a_mark_of_an_earlier_day_is_not_carried_along(replay):
    first, second = replay(FILLS, "--json", marks="2026-01-06,AAPL,105\n").json["days"]
    assert first["equity"] == "5049.00"
    assert second["equity"] is None


def test_last_fills_as_marks_are_said_to_be_that(replay):
    done = replay(FILLS, "--mark-last-fill")
    assert "valued at their last fill" in done.err
    assert "5,098.00" in done.out


def test_days_with_marks_but_no_fills_are_shown(replay):
    days = replay(
        FILLS, "--json", marks="2026-01-02,AAPL,1\n2026-01-06,AAPL,105\n2026-01-07,AAPL,108\n2026-01-08,AAPL,90\n"
    )
    assert [(day["date"], day["fills"]) for day in days.json["days"]] == [
        ("2026-01-06", 1), ("2026-01-07", 1), ("2026-01-08", 0),
    ]  # fmt: skip
    assert days.json["days"][-1]["day_pnl"] == "-108.00"


def test_fifo_and_average_differ(replay):
    text = "date,symbol,qty,price\n2026-01-06,A,1,10\n2026-01-06,A,1,20\n2026-01-06,A,-1,30\n"
    assert replay(text, "--json").json["days"][0]["realized_pnl_entry"] == "15.00"
    assert replay(text, "--json", "--lot-method", "fifo").json["days"][0]["realized_pnl_entry"] == "20.00"


@pytest.mark.parametrize("symbol", ["ESH6", "fut:ES:2026-03"])
def test_a_future_moves_cash_only_when_it_closes(symbol, replay):
    text = f"date,symbol,qty,price\n2026-01-06,{symbol},1,5000\n2026-01-07,{symbol},-1,5001.25\n"
    first, second = replay(text, "--json", marks=f"2026-01-06,{symbol},5000.50\n").json["days"]
    assert (first["cash"], first["open_pnl"], first["equity"]) == ("5000.00", "25.00", "5025.00")
    assert (second["cash"], second["day_pnl"], second["positions"]) == ("5062.50", "37.50", [])


def test_a_future_that_nobody_knows_wants_its_multiplier(replay):
    text = "date,symbol,qty,price\n2026-01-06,fut:QQQQ:2026-03,1,5\n2026-01-07,fut:QQQQ:2026-03,-1,6\n"
    assert replay(text).code == 2
    assert replay(text, "--json", "--multiplier", "fut:QQQQ:2026-03=7").json["totals"]["cash"] == "5007.00"


def test_a_bare_root_is_taken_as_an_equity_and_said(replay):
    assert "ES: taken as equities" in replay("date,symbol,qty,price\n2026-01-06,ES,1,60\n").err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lot-method", "lifo"], "write average or fifo"),
        (["--days", "weeks"], "write auto, date or session"),
        (["--zone", "Mars"], "is no IANA time zone"),
        (["--times", "Mars"], "is no IANA time zone"),
        (["--reset", "25:00"], "write it as 17:00"),
        (["--multiplier", "A"], "write SYMBOL=50"),
        (["--multiplier", "A=-1"], "above zero"),
        (["--multiplier", "=5"], "above zero"),
        (["--marks", "not-there.csv"], "cannot be read"),
    ],
)
def test_wrong_options(options, said, replay):
    done = replay(FILLS, *options)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err


def test_wrong_cash_and_wrong_files(run, replay, tmp_path):
    replay(FILLS)
    assert run("replay", "fills", "fills.csv", "--cash", "1,000").code == 2
    assert run("replay", "fills", "fills.csv").code == 2
    (tmp_path / "fills.csv").write_text("time,symbol,qty,price\n2026-01-06,A,1\n")
    done = run("replay", "fills", "fills.csv", "--cash", "1", "--json")
    assert (done.code, done.out) == (2, "")
    assert "fills.csv:2: has 3 columns" in done.err


def test_two_currencies_are_not_added_up(replay):
    text = "date,symbol,qty,price,currency\n2026-01-06,A,1,1,USD\n2026-01-06,B,1,1,eur\n"
    done = replay(text)
    assert done.code == 2
    assert "line 3 is in EUR, line 2 in USD" in done.err


def test_marks_of_no_trading_day(replay):
    done = replay(FILLS, marks="2026-01-10,AAPL,1\n")
    assert done.code == 2
    assert "the marks of 2026-01-10 belong to no trading day" in done.err


def test_json_is_decimal_text_all_through(replay):
    def numbers(node):
        if isinstance(node, dict):
            return [each for value in node.values() for each in numbers(value)]
        if isinstance(node, list):
            return [each for value in node for each in numbers(value)]
        return [node] if isinstance(node, float) else []

    found = replay(FILLS, "--json", marks="2026-01-07,AAPL,0.1\n").json
    assert numbers(found) == []
    assert (found["version"], found["kind"], found["opening_cash"]) == (1, "replay_fills", "5000.00")
