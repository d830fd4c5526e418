"""The futures table: brokers.md section 6, semantics.md section 1."""

import csv
from datetime import UTC, date, datetime

import pytest

from stopline.model.numbers import PRICE_ONE, SECOND, parse_money, parse_price, render_price
from stopline.venue.equities import SECTORS, START_PRICES, equity
from stopline.venue.futures import FUTURES, find_future, front_contract, front_month, future
from stopline.venue.instruments import find_instrument, seeded_equities
from stopline.venue.margins import MARGINS, margin_on
from tests.market_files import REFERENCE, needs_data
from tests.unit.venue.build import NOW

SPEC = """
ES 50/.25/12.50 · MES 5/.25/1.25 · NQ 20/.25/5 · MNQ 2/.25/.50 · YM 5/1/5 · MYM .5/1/.50 · RTY 50/.1/5 · M2K 5/.1/.50 ·
CL 1000/.01/10 · MCL 100/.01/1 · GC 100/.1/10 · MGC 10/.1/1 · SI 5000/.005/25 · SIL 1000/.005/5 · HG 25000/.0005/12.50 ·
NG 10000/.001/10 · ZB 1000/.03125/31.25 · ZN 1000/.015625/15.625 · ZF 1000/.0078125/7.8125 · ZT 2000/.00390625/7.8125 ·
6E 125000/.00005/6.25 · 6J 12500000/.0000005/6.25 · 6B 62500/.0001/6.25 · 6A 100000/.00005/5 · ZC 5000/.0025/12.50 ·
ZS 5000/.0025/12.50 · ZW 5000/.0025/12.50 · NKD 5/5/25 · VX 1000/.05/50 · BTC 5/5/25 · MBT .1/5/.50
"""
TABLE = {
    root: tuple(parse_price(text if text[0] != "." else f"0{text}") for text in terms.split("/"))
    for root, terms in (part.split() for part in SPEC.replace("\n", " ").split("·"))
}
THIRTY_SECONDS = {"ZB": 32, "ZN": 64, "ZF": 128, "ZT": 256}


def at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * SECOND


def test_the_table_is_the_spec():
    assert {root: (f.multiplier, f.tick_size, f.tick_value) for root, f in FUTURES.items()} == TABLE


@pytest.mark.parametrize("root", FUTURES)
def test_tick_value_is_tick_size_times_multiplier_exactly(root):
    contract = front_contract(root, NOW)
    assert contract.tick_value * PRICE_ONE == contract.tick_size * contract.multiplier
    assert contract.tick_value == TABLE[root][2]


@pytest.mark.parametrize(("root", "parts"), THIRTY_SECONDS.items())
def test_ticks_of_bonds_are_exact_fractions(root, parts):
    assert FUTURES[root].tick_size * parts == PRICE_ONE


@needs_data
def test_the_table_agrees_with_the_published_one():
    """Grains are quoted in cents there (magnifier 100), in dollars here; a few minimum moves differ by vendor."""
    with (REFERENCE / "instruments.csv").open(encoding="utf-8") as file:
        rows = {
            row["symbol"]: row for row in csv.DictReader(file) if row["type"] == "future" and row["market"] != "sgx"
        }
    shared = {"ES", "MES", "NQ", "MNQ", "YM", "MYM", "RTY", "M2K", "CL", "GC", "SI", "ZB", "6E", "6B"} & rows.keys()
    assert len(shared) > 10
    for root in shared:
        assert parse_price(rows[root]["contract_multiplier"]) == FUTURES[root].multiplier, root
        assert parse_price(rows[root]["minimum_price_variation"]) == FUTURES[root].tick_size, root


@needs_data
@pytest.mark.parametrize("root", ["es", "mes", "nq"])
def test_shipped_margins_are_near_the_published_ones(root):
    """Between half and double, on every date: they are rounded, and only a few."""
    with (REFERENCE / f"margin_{root}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            shipped = margin_on(root.upper(), datetime.strptime(row["date"], "%Y%m%d").replace(tzinfo=UTC).date())
            assert shipped is not None
            for name in ("initial", "maintenance"):
                published = parse_money(row[name])
                assert published <= getattr(shipped, name) * 2 <= published * 4, row


@pytest.mark.parametrize("root", FUTURES)
def test_every_root_has_a_margin_today_and_initial_is_the_larger(root):
    for row in MARGINS[root]:
        assert row.initial > row.maintenance > 0
    contract = front_contract(root, NOW)
    assert contract.initial_margin is not None and contract.maintenance_margin is not None
    assert contract.initial_margin * 10 == contract.maintenance_margin * 11


def test_before_the_first_date_nobody_knows_the_margin():
    assert margin_on("YM", date(2024, 12, 31)) is None
    assert future("YM", 2013, 12, at(2013, 10, 7)).initial_margin is None
    assert render_price(future("ES", 2013, 12, at(2013, 10, 7)).initial_margin or 0) == "4400.00"


def test_micros_count_a_tenth():
    tenths = {root for root in FUTURES if front_contract(root, NOW).contract_weight == 100_000}
    assert tenths == {"MES", "MNQ", "MYM", "M2K", "MCL", "MGC", "SIL", "MBT"}
    assert {front_contract(root, NOW).contract_weight for root in FUTURES.keys() - tenths} == {1_000_000}


def test_energy_may_be_worth_less_than_nothing():
    assert {root for root in FUTURES if front_contract(root, NOW).price_may_be_negative} == {"CL", "MCL", "NG"}


@pytest.mark.parametrize(
    ("root", "day", "front"),
    [
        ("ES", (2026, 9, 10), (2026, 9)),
        ("ES", (2026, 9, 11), (2026, 12)),  # the second Friday
        ("ES", (2026, 12, 10), (2026, 12)),
        ("ES", (2026, 12, 11), (2027, 3)),
        ("ES", (2013, 10, 7), (2013, 12)),
        ("MES", (2027, 1, 1), (2027, 3)),
        ("CL", (2026, 11, 12), (2026, 12)),
        ("CL", (2026, 11, 13), (2027, 1)),  # delivered in December, rolls in November
        ("GC", (2026, 11, 20), (2027, 2)),
        ("ZN", (2026, 11, 12), (2026, 12)),
        ("ZN", (2026, 11, 13), (2027, 3)),
        ("VX", (2026, 11, 13), (2026, 12)),
    ],
)
def test_front_contract(root, day, front):
    assert front_month(root, at(*day)) == front


@pytest.mark.parametrize(
    ("name", "instrument_id", "symbol"),
    [
        ("ES", "fut:ES:2026-03", "ESH6"),
        ("ESZ6", "fut:ES:2026-12", "ESZ6"),
        ("ESZ5", "fut:ES:2025-12", "ESZ5"),
        ("ESM4", "fut:ES:2034-06", "ESM4"),
        ("fut:ES:2013-12", "fut:ES:2013-12", "ESZ3"),
        ("M2KU6", "fut:M2K:2026-09", "M2KU6"),
        ("6EZ6", "fut:6E:2026-12", "6EZ6"),
        ("fut:CL:2020-05", "fut:CL:2020-05", "CLK0"),
        ("AAPL", "eq:US:AAPL", "AAPL"),
        ("eq:US:IBM", "eq:US:IBM", "IBM"),
    ],
)
def test_names(name, instrument_id, symbol):
    found = find_instrument(name, NOW)
    assert found is not None
    assert (found.instrument_id, found.symbol) == (instrument_id, symbol)
    assert find_instrument(instrument_id, NOW) == found


@pytest.mark.parametrize(
    "name",
    ["", "IBM", "ESF6", "fut:ES:2026-01", "fut:ES:2026-13", "fut:XX:2026-12", "XXZ6", "ESZ66", "es", "eq:US:", "ESZ٦"],
)
def test_names_of_nothing(name):
    assert find_instrument(name, NOW) is None


def test_products_are_families():
    es, other = find_future("ESZ6", NOW), find_future("ESH7", NOW)
    assert es is not None and other is not None
    assert es.product == other.product == "fut:ES"
    assert equity("AAPL").product == "eq:US:AAPL"


def test_seeded_equities():
    found = {each.symbol: each for each in seeded_equities()}
    assert found.keys() == START_PRICES.keys() == SECTORS.keys()
    for each in found.values():
        assert render_price(each.tick_size) == "0.01"
        assert each.tick_value == each.tick_size
        assert each.shortable is True
        assert each.sector
