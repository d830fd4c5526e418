"""`stopline size`: what is asked of the door, and how its answer reads."""

import pytest

SIZED = {
    "account": "paper", "symbol": "AAPL", "side": "BUY", "qty": "5", "wanted_qty": "142", "lot_size": "1",
    "bound_by": "max_order_notional", "reason": "Order size exceeds limit: $1050.00 > $1000.00", "amount": "500.00",
    "entry": "175.00", "stop_price": "171.50", "distance": "3.50", "at_risk": "17.50", "notional": "875.00",
    "equity": "100000.00",
    "caps": [
        {
            "check": "max_order_notional", "passed": False, "observed": "24850.00", "limit": "1000.00",
            "headroom": "-23850.00", "status": "denied", "unit": "money", "reason": "too much",
        }
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (("--percent", "5"), {"percent": "5"}),
        (
            ("--risk", "20", "--stop", "171.50", "--limit", "175"),
            {"risk": "20", "stop_price": "171.50", "price": "175"},
        ),
        (("--risk-percent", "1", "--atr", "2.35"), {"risk_percent": "1", "atr": "2.35", "atr_times": "2"}),
    ],
)
def test_what_is_asked(ask, stand, arguments, body):
    stand.answers["POST /api/size"] = (200, SIZED)
    assert ask("size", "buy", "AAPL", *arguments).code == 0
    assert stand.body_of("POST /api/size") == {"symbol": "AAPL", "side": "BUY", **body}


def test_how_it_reads(ask, stand):
    stand.answers["POST /api/size"] = (200, SIZED)
    ran = ask("size", "buy", "AAPL", "--risk", "500", "--stop", "171.50")
    assert ran.out.splitlines()[:5] == [
        "size      BUY 5 AAPL, of 142 wanted",
        "bound by  max_order_notional: Order size exceeds limit: $1050.00 > $1000.00",
        "entry     175.00",
        "stop      171.50, 3.50 away",
        "at risk   17.50",
    ]
    assert "max_order_notional  denied  24,850.00" in ran.out and "against 142:" in ran.err


def test_json(ask, stand):
    stand.answers["POST /api/size"] = (200, SIZED)
    assert ask("size", "buy", "AAPL", "--percent", "5", "--json").json == {"version": 1, "kind": "size", **SIZED}


@pytest.mark.parametrize(("bound_by", "code"), [("lot_size", 1), ("trading_state", 4)])
def test_nothing_may_be_traded(ask, stand, bound_by, code):
    nothing = {
        **SIZED,
        "qty": "0",
        "wanted_qty": "0",
        "bound_by": bound_by,
        "stop_price": None,
        "at_risk": None,
        "caps": [],
    }
    stand.answers["POST /api/size"] = (200, nothing)
    assert ask("size", "buy", "AAPL", "--percent", "5").code == code


def test_bars_from_a_file(ask, stand, tmp_path):
    stand.answers["POST /api/size"] = (200, SIZED)
    (tmp_path / "bars.csv").write_text("date,High,Low,Close\n2026-01-05,12,8,10\n2026-01-06,14, 8,12\n")
    assert ask("size", "buy", "AAPL", "--risk", "5", "--bars", "bars.csv", "--period", "1").code == 0
    asked = stand.body_of("POST /api/size")
    assert asked["bars"] == [["12", "8", "10"], ["14", "8", "12"]]
    assert (asked["atr_period"], asked["atr_times"]) == (1, "2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "bars.csv: cannot be read (No such file or directory)"),
        ("date,close\n", "has no column high and no column low; it needs the columns high, low and close"),
        ("", "bars.csv: is empty; it needs"),
    ],
)
def test_a_file_that_is_not_right(ask, tmp_path, text, said):
    if text is not None:
        (tmp_path / "bars.csv").write_text(text)
    ran = ask("size", "buy", "AAPL", "--risk", "5", "--bars", "bars.csv")
    assert (ran.code, ran.out) == (2, "") and said in ran.err
