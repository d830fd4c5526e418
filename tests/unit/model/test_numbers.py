import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.model import numbers as n

CORPUS = json.loads((Path(__file__).parents[2] / "corpus" / "numbers.json").read_text(encoding="utf-8"))


def text_of(case):
    if "bytes" in case:
        return bytes.fromhex(case["bytes"])
    return case["repeat"] * case["times"] if "repeat" in case else case["text"]


def cases(kind):
    return [pytest.param(case, id=case["id"]) for case in CORPUS[kind]]


@pytest.mark.parametrize("case", cases("accepted"))
def test_accepts(case):
    scaled = n.parse_scaled(text_of(case), case["places"])
    assert (type(scaled), scaled) == (int, case["scaled"])


@pytest.mark.parametrize("case", cases("refused"))
def test_refuses_with_a_short_reason_in_ascii(case):
    with pytest.raises(n.NumberRefused) as refused:
        n.parse_scaled(text_of(case), case["places"])
    assert 0 < len(str(refused.value)) < 120
    assert str(refused.value).isascii()
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("case", cases("accepted"))
def test_what_people_may_say_a_broker_may_say(case):
    assert n.parse_rounded(text_of(case), case["places"]) == (case["scaled"], False)


FINE = [case for case in CORPUS["refused"] if case["id"].startswith("too fine")]


@pytest.mark.parametrize("case", cases("refused"))
def test_a_broker_may_be_finer_and_no_more(case):
    if case in FINE:
        scaled, rounded = n.parse_rounded(text_of(case), case["places"])
        assert rounded
        assert abs(Decimal(case["text"]).scaleb(case["places"]) - scaled) <= Decimal("0.5")
    else:
        with pytest.raises(n.NumberRefused):
            n.parse_rounded(text_of(case), case["places"])


def test_the_corpus_names_each_case_once():
    ids = [case["id"] for kind in ("accepted", "refused") for case in CORPUS[kind]]
    assert len(ids) == len(set(ids))
    assert len(FINE) == 5


@pytest.mark.parametrize(
    ("text", "scaled", "rounded"),
    [
        ("1.000000005", 100_000_000, True),
        ("1.000000015", 100_000_002, True),
        ("1.0000000051", 100_000_001, True),
        ("-1.000000015", -100_000_002, True),
        ("0.000000001", 0, True),
        ("-0.000000001", 0, True),
        ("1.000000000", 100_000_000, False),
        ("1e-30", 0, True),
    ],
)
def test_a_brokers_figure_is_rounded_half_to_even(text, scaled, rounded):
    assert n.parse_rounded(text, 8) == (scaled, rounded)


def test_a_brokers_figure_has_an_end_too():
    with pytest.raises(n.NumberRefused):
        n.parse_rounded("92233720368.547758075", 8)


@pytest.mark.parametrize(
    ("parse", "text", "scaled"),
    [
        (n.parse_price, "175.25", 17_525_000_000),
        (n.parse_money, "175.25", 17_525_000_000),
        (n.parse_qty, "1.5", 1_500_000_000),
        (n.parse_ratio, "0.25", 250_000),
        (n.parse_percent, "25.00", 250_000),
    ],
)
def test_each_scale(parse, text, scaled):
    assert parse(text) == scaled


@pytest.mark.parametrize(
    ("render", "value", "text"),
    [
        (n.render_price, 17_525_000_000, "175.25"),
        (n.render_price, 0, "0.00"),
        (n.render_price, -3_763_000_000, "-37.63"),
        (n.render_price, 1, "0.00000001"),
        (n.render_price, -1, "-0.00000001"),
        (n.render_money, 1_750_000_000_000, "17500.00"),
        (n.render_money, 150_000_000, "1.50"),
        (n.render_qty, 100 * n.QTY_ONE, "100"),
        (n.render_qty, 1_500_000_000, "1.5"),
        (n.render_qty, 0, "0"),
        (n.render_ratio, 2_000_000, "2.00"),
        (n.render_percent, 250_000, "25.00"),
        (n.render_percent, 333_334, "33.3334"),
    ],
)
def test_render(render, value, text):
    assert render(value) == text


scaled_ints = st.integers(-n.MAX_SCALED, n.MAX_SCALED)
places = st.sampled_from([n.RATIO_PLACES - 2, n.RATIO_PLACES, n.PRICE_PLACES, n.QTY_PLACES])


@given(scaled_ints, places, st.integers(0, 2))
def test_rendered_text_parses_to_the_same_number(value, scale, least):
    text = n.render_scaled(value, scale, least)
    assert n.parse_scaled(text, scale) == value
    assert n.parse_scaled(text.encode(), scale) == value
    assert n.parse_rounded(text, scale) == (value, False)
    assert Decimal(text).scaleb(scale) == value


decimals = st.decimals(allow_nan=False, allow_infinity=False, places=None).map(str)


@given(st.one_of(decimals, st.from_regex(r"-?[0-9]{0,25}\.?[0-9]{0,25}([eE][+-]?[0-9]{1,3})?", fullmatch=True)), places)
def test_agrees_with_decimal_or_refuses(text, scale):
    try:
        scaled = n.parse_scaled(text, scale)
    except n.NumberRefused:
        return
    assert Decimal(text).scaleb(scale) == scaled
    assert abs(scaled) <= n.MAX_SCALED


@given(st.text(max_size=80), places)
def test_any_text_is_a_number_or_refused(text, scale):
    for parse in (n.parse_scaled, n.parse_rounded):
        try:
            parse(text, scale)
        except n.NumberRefused:
            continue
        assert text.isascii()


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**20))
def test_division_names_its_rounding(numerator, denominator):
    up, even = n.div_ceil(numerator, denominator), n.div_half_even(numerator, denominator)
    assert (up - 1) * denominator < numerator <= up * denominator
    assert abs(even * denominator - numerator) * 2 <= denominator
    if abs(even * denominator - numerator) * 2 == denominator:
        assert even % 2 == 0


@pytest.mark.parametrize(("numerator", "even"), [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2), (2, 1)])
def test_ties_go_to_the_even_neighbour(numerator, even):
    assert n.div_half_even(numerator, 2) == even
