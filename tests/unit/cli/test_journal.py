"""`stopline journal show`: what it says where it shows nothing, or not all."""

import pytest

from stopline.stores import tools

RECORD = {"seq": 1, "at": "2026-11-20T14:30:00.000000000Z", "hash": "0" * 64, "events": [{"type": "EngineStarted"}]}


@pytest.fixture
def holds(monkeypatch):
    """Say how many records pass the filters."""
    return lambda count: monkeypatch.setattr(tools, "show", lambda *_, **__: iter([RECORD] * count))


def test_an_event_that_there_is_not_is_said_with_what_was_meant(run, holds):
    """It showed nothing, as if nothing had happened."""
    holds(0)
    ran = run("journal", "show", "--event", "OrderDenyed")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("--event: no event is called 'OrderDenyed'\ntry: OrderDenied")


def test_nothing_found_is_said(run, holds):
    holds(0)
    ran = run("journal", "show", "--order", "nobody", "--data-dir", "data")
    assert (ran.code, ran.out, ran.err) == (0, "", "no record in data is like that\n")
    assert run("journal", "show", "--event", "OrderDenied", "--json").json["records"] == []


def test_a_tail_says_that_there_is_more(run, holds):
    holds(3)
    ran = run("journal", "show", "--tail", "2")
    assert ran.out.count("EngineStarted") == 2
    assert ran.err == "the last 2 of 3; --tail shows more\n"
    assert run("journal", "show", "--tail", "3").err == ""
