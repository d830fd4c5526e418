"""How the story looks to people, and what programs get of it."""

import json

import pytest

from stopline.cli.demo.teller import ForPeople, ForPrograms, Teller

LONG = "It rests until the price comes to it, and all that time it is counted as if it had traded already."


def tell(teller: Teller) -> None:
    teller.begin(3, "a-step", "A step", LONG)
    teller.act("BUY 1 AAPL MARKET", "APPROVED  as an exit", client_order_id="D-1")
    teller.detail("filled 1 @ 175.02", price="175.02")
    teller.note("AAPL falls")
    teller.act(f"BUY {'9' * 50} AAPL MARKET", "DENIED  max_order_notional", check="max_order_notional")
    teller.detail(LONG)
    teller.end("")


def test_people_read_at_most_80_columns(capsys):
    tell(ForPeople())
    ForPeople().finish("The day", [("fills", "7"), ("orders approved", "9")], ["try this"])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert " 3  A step" in lines
    assert any(line.endswith("APPROVED  as an exit") and "> BUY 1 AAPL MARKET" in line for line in lines)
    assert any(line.strip() == "DENIED  max_order_notional" for line in lines), "an answer that does not fit goes below"
    assert "      fills            7" in lines


def test_what_was_not_as_told_stands_out(capsys):
    ForPeople().begin(1, "n", "T", "w")
    ForPeople().end("the story says approved, but it was denied")
    said = capsys.readouterr().out
    assert "NOT AS TOLD" in said and "but it was denied" in said


def test_colour_is_for_terminals_only(capsys, monkeypatch):
    tell(ForPeople())
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    tell(ForPeople())
    assert "\x1b[31mDENIED\x1b[0m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    tell(ForPeople())
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["", "it was denied"])
def test_programs_get_a_line_a_step(capsys, wrong):
    teller = ForPrograms()
    tell(teller)
    teller.begin(4, "next", "Next", "why")
    teller.detail("of nothing in particular")
    teller.end(wrong)
    teller.finish("t", [("a", "b")], [], fills=7)
    first, second, end = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["version"], first["kind"], first["step"], first["name"]) == (1, "demo_step", 3, "a-step")
    assert first["told"][0] == {
        "did": "BUY 1 AAPL MARKET", "outcome": "approved", "client_order_id": "D-1",
        "then": [{"text": "filled 1 @ 175.02", "price": "175.02"}],
    }  # fmt: skip
    assert [each["outcome"] for each in first["told"]] == ["approved", "happened", "denied"]
    assert (second["as_told"], second["wrong"]) == (not wrong, wrong or None)
    assert end == {"version": 1, "kind": "demo_end", "fills": 7}
