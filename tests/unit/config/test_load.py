"""Files to settings: the defaults, what is laid over them, and every error with its place."""

import re
from pathlib import Path

import pytest
from msgspec import structs

from stopline.config.diff import diff, flatten
from stopline.config.errors import ConfigError
from stopline.config.load import DEFAULTS, known_keys, load
from stopline.config.schema import FileSection, InstrumentSection, LimitsSection, SymbolSection
from stopline.config.settings import Fees, ScopedLimits
from stopline.config.show import written
from stopline.model.account import AccountTerms, LotMethod
from stopline.model.instrument import AssetClass, Instrument
from stopline.model.limits import DEFAULT_LIMITS, Limits, ScopeKind, SymbolLimit
from stopline.model.market_hours import parse_hours
from stopline.model.numbers import PRICE_ONE, QTY_ONE
from tests.unit.config.files import problem, problems, settings

SEEDED = """
    AAPL 10000 MSFT 10000 GOOGL 10000 AMZN 10000 NVDA 5000 META 7500 TSLA 3000 SPY 10000 QQQ 10000 IWM 10000
    DIA 10000 AMD 5000 INTC 7500 NFLX 5000 JPM 10000 BAC 7500 WFC 7500 V 10000 MA 10000 XOM 10000 CVX 10000
    JNJ 10000 PG 10000 KO 10000 WMT 10000
""".split()  # semantics.md section 5


def test_no_file_means_the_documented_defaults():
    found = load(None)
    assert (found.host, found.port, str(found.data_dir)) == ("127.0.0.1", 8082, "data")
    assert (found.market.seed, found.market.speed, found.market.is_synthetic) == (7, 1, True)
    assert found.accounts == (AccountTerms("paper", "paper", opening_cash=100_000 * PRICE_ONE),)
    assert found.limits == {"paper": DEFAULT_LIMITS}
    assert found.fees == Fees()


def test_the_seeded_symbols_have_their_limits():
    seeded = {name: SymbolLimit(int(limit) * PRICE_ONE) for name, limit in zip(SEEDED[::2], SEEDED[1::2], strict=True)}
    assert len(seeded) == 25
    assert load(None).symbol_limits == {"paper": seeded}


def test_every_limit_has_a_key_of_its_name():
    assert tuple(LimitsSection.model_fields) == Limits.__struct_fields__
    assert tuple(SymbolSection.model_fields) == SymbolLimit.__struct_fields__
    terms = set(InstrumentSection.model_fields)
    assert terms == set(Instrument.__struct_fields__) - {"instrument_id"}


def test_the_defaults_file_says_every_key_that_has_a_default():
    said = {each.key for each in written()}
    assert {f"limits.{name}" for name in Limits.__struct_fields__} <= said
    top = {key.partition(".")[0].partition("[")[0] for key in said}
    assert set(FileSection.model_fields) - top == {"rules", "groups", "firms", "instruments", "calendars"}


def test_what_a_file_leaves_out_stays_default():
    found = settings("limits: {max_order_notional: 2500}\nserver: {port: 9000}\nsymbols: {AAPL: {max_position: 1}}")
    expected = structs.replace(DEFAULT_LIMITS, max_order_notional=2500 * PRICE_ONE)
    assert found.limits == {"paper": expected}
    assert (found.host, found.port) == ("127.0.0.1", 9000)
    symbols = found.symbol_limits["paper"]
    assert (symbols["AAPL"].max_position, symbols["TSLA"].max_position) == (PRICE_ONE, 3000 * PRICE_ONE)


def test_none_disarms():
    found = settings(
        "limits: {daily_loss: none, order_rate: none, price_collar: none}\nsymbols: {AAPL: {max_position: none}}"
    )
    limits = found.limits["paper"]
    assert (limits.daily_loss, limits.order_rate, limits.price_collar) == (None, (), None)
    assert "AAPL" not in found.symbol_limits["paper"]


ACCOUNTS = """
limits: {daily_loss: 1000}
symbols: {AAPL: {max_position: 500, concentration: 10 %}}
groups: {desk: {gross_exposure: 1.5}}
firms: {house: {max_order_notional: 900}}
accounts:
  - account: one
    opening_cash: 5000.00
    lot_method: fifo
    reset_zone: America/Chicago
    group: desk
    limits: {daily_loss: 200, concentration: none}
    symbols: {AAPL: {max_position: 100}}
    strategies: {meanrev: {max_position: 50}}
    users: {ann: {order_rate: [5 / 1 s, 50 / 1 min]}}
  - account: two
    opening_cash: 1
    margin_account: false
    group: desk
    firm: house
    armed: true
"""


def test_accounts_have_their_own_limits_over_the_common_ones():
    found = settings(ACCOUNTS)
    one, two = found.accounts
    assert (one.lot_method, one.reset_zone, one.opening_cash) == (LotMethod.FIFO, "America/Chicago", 5000 * PRICE_ONE)
    assert (two.armed, two.margin_account, two.firm) == (True, False, "house")
    assert found.limits["one"].daily_loss == 200 * PRICE_ONE
    assert found.limits["one"].concentration is None
    assert found.limits["two"].daily_loss == 1000 * PRICE_ONE
    assert found.limits["two"].concentration == DEFAULT_LIMITS.concentration
    assert found.symbol_limits["one"]["AAPL"] == SymbolLimit(100 * PRICE_ONE, 100_000)
    assert found.symbol_limits["two"]["AAPL"] == SymbolLimit(500 * PRICE_ONE, 100_000)


def test_limits_of_wider_and_narrower_scopes_begin_with_nothing_armed():
    found = {(each.scope, each.account, each.scope_id): each.limits for each in settings(ACCOUNTS).scoped_limits}
    assert found == {
        (ScopeKind.FIRM, "two", "house"): Limits(max_order_notional=900 * PRICE_ONE),
        (ScopeKind.GROUP, "one", "desk"): Limits(gross_exposure=1_500_000),
        (ScopeKind.STRATEGY, "one", "meanrev"): Limits(max_position=50 * PRICE_ONE),
        (ScopeKind.USER, "one", "ann"): settings(ACCOUNTS).scoped_limits[2].limits,
    }
    assert isinstance(settings(ACCOUNTS).scoped_limits[0], ScopedLimits)


INSTRUMENTS = """
instruments:
  fut:ES: {initial_margin: 20000, maintenance_margin: 18000}
  AAPL: {shortable: false}
  eq:US:BRK.B: {asset_class: equity, tick_size: 0.01, sector: financials}
  fut:ZZ:2027-03: {asset_class: future, symbol: ZZH7, tick_size: 0.5, multiplier: 10, initial_margin: none}
"""


def test_instruments_are_listed_or_changed():
    found = settings(INSTRUMENTS)
    brk, future = found.instruments
    assert (brk.symbol, brk.product, brk.lot_size, brk.multiplier) == ("BRK.B", "eq:US:BRK.B", QTY_ONE, PRICE_ONE)
    assert (future.symbol, future.product, future.asset_class) == ("ZZH7", "fut:ZZ", AssetClass.FUTURE)
    assert future.tick_value == 5 * PRICE_ONE
    es = structs.replace(future, instrument_id="fut:ES:2027-03", product="fut:ES", symbol="ESH7")
    assert found.instrument(es).initial_margin == 20000 * PRICE_ONE
    assert found.instrument(future) == future
    aapl = structs.replace(brk, instrument_id="eq:US:AAPL", symbol="AAPL", product="eq:US:AAPL")
    assert found.instrument(aapl).shortable is False


def test_paths_begin_where_the_file_is():
    found = settings("data_dir: books\nmarket: {source: ticks/ibm.csv.gz, speed: 60}")
    assert found.data_dir == Path("conf/books")
    assert (found.market.path, found.market.speed) == (Path("conf/ticks/ibm.csv.gz"), 60)
    assert not found.market.is_synthetic
    assert str(settings("data_dir: /var/lib/stopline").data_dir) == "/var/lib/stopline"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("serverr: {}", ":1:1: serverr: is no setting; do you mean server?", id="unknown section"),
        pytest.param(
            "limits:\n  daily_los: 5", ":2:3: limits.daily_los: is no setting; do you mean daily_loss?", id="typo"
        ),
        pytest.param(
            "limits: {max_order_size: 5}", "is no setting; it is called max_order_notional here", id="the API's name"
        ),
        pytest.param(
            "symbols: {AAPL: {limit: 1}}",
            "known here: max_position, concentration, max_position_qty",
            id="below a name",
        ),
        pytest.param(
            "accounts:\n- account: a\n  cash: 1\n  opening_cash: 1",
            ":3:3: accounts[1].cash: is no setting",
            id="in a list",
        ),
        pytest.param("accounts:\n  - account: a\n", ":2:5: accounts[1].opening_cash: is missing", id="missing"),
        pytest.param(
            "limits:\n  daily_loss: 0",
            ":2:15: limits.daily_loss: '0' is too small; write an amount above zero",
            id="zero loss",
        ),
        pytest.param(
            "limits: {concentration: 25}",
            "2500.00 % is more than the whole; write a share such as 25 %",
            id="percent forgotten",
        ),
        pytest.param("limits:\n  leverage:\n", ":2:12: limits.leverage: has no value", id="no value"),
        pytest.param("limits:\n", ":1:8: limits: needs settings below it", id="an empty section"),
        pytest.param("limits: 5", "limits: needs settings below it", id="a value for a section"),
        pytest.param("accounts: paper", "accounts: needs a list", id="a value for a list"),
        pytest.param("server: {port: [1]}", "server.port: is a list or has settings below it", id="a list for a value"),
        pytest.param("accounts: []", ":1:1: accounts: is empty", id="no accounts"),
        pytest.param("market: {source: synthetic}", "the synthetic market needs its seed", id="no seed"),
        pytest.param("market: {source: 'synthetic:-1'}", "the synthetic market needs its seed", id="a negative seed"),
        pytest.param(
            "groups: {x: {enabled: true}}", ":1:10: groups.x: no account is in this group", id="an empty group"
        ),
        pytest.param(
            "instruments: {AAPL: {asset_class: equity, tick_size: 1}}", "AAPL: is no canonical id", id="no canonical id"
        ),
        pytest.param(
            "instruments: {'fut:X:2027-01': {asset_class: future}}",
            "lacks tick_size and multiplier",
            id="half an instrument",
        ),
        pytest.param(
            "accounts: [{account: a, opening_cash: 1, broker: ibkr}]",
            "broker: 'ibkr' is not known; write paper",
            id="unknown broker",
        ),
        pytest.param(
            "accounts: [{account: a, opening_cash: 1, currency: usd}]",
            "write three capitals such as USD",
            id="currency",
        ),
        pytest.param("server: {host: 'a b'}", "write an address such as 127.0.0.1", id="host"),
        pytest.param("limits: {deny: [ES*]}", "has a wildcard but no colon", id="a raw prefix"),
    ],
)
def test_an_error_says_where_what_and_what_would_be_right(text, said):
    found = problem(text)
    assert said in found
    assert re.match(r"conf/stopline\.yaml:\d+:\d+: \S+: .+", found)


def test_all_errors_are_said_at_once_in_the_order_of_the_file():
    found = problems("data_dir: ${NO}\nserver: {port: x}\nlimits:\n  daily_loss: -1\n  enabled: maybe\nmore: 1\n")
    assert [each.place.line for each in found] == [1, 2, 4, 5, 6]


def test_two_accounts_of_one_name():
    found = problem("accounts:\n- {account: a, opening_cash: 1}\n- {account: a, opening_cash: 2}")
    assert ":3:4: accounts[2].account: is the name of accounts[1] already" in found


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be read \(No such file or directory\)"):
        load(tmp_path / "not-there.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_the_file_that_init_writes_is_the_defaults(tmp_path):
    path = tmp_path / "stopline.yaml"
    path.write_bytes(DEFAULTS.read_bytes())
    changed = {each.key for each in diff(load(None), load(path))}
    assert changed == {"data_dir"}, "which begins where the file is"


def test_version_stands_for_what_is_decided_and_nothing_else():
    base = load(None).version
    assert settings("limits: {daily_loss: 5000.00}\nserver: {port: 1}\nlog: {level: debug}").version == base
    for text in (
        "limits: {daily_loss: 5001}",
        "fees: {per_share: 0.01}",
        "symbols: {AAPL: {max_position: 1}}",
        INSTRUMENTS,
    ):
        assert settings(text).version != base


def test_diff_names_each_change_in_its_unit():
    new = settings("limits: {concentration: 20 %, quote_max_age: none}\nsymbols: {NEW: {max_position: 5}}")
    said = [str(each) for each in diff(load(None), new) if each.key != "data_dir"]
    assert said == [
        "accounts.paper.limits.concentration: 25.00 % -> 20.00 %",
        "accounts.paper.limits.quote_max_age: 5 s -> none",
        "accounts.paper.symbols.NEW.max_position: absent -> 5.00",
        "accounts.paper.symbols.NEW.concentration: absent -> none",
        "accounts.paper.symbols.NEW.max_position_qty: absent -> none",
    ]
    assert diff(new, new) == []


def test_flatten_names_scopes_and_instruments():
    keys = flatten(settings(ACCOUNTS + INSTRUMENTS))
    assert keys["group.desk.gross_exposure"] == "1.50"
    assert keys["user.one.ann.order_rate"] == "[5 / 1 s, 50 / 1 min]"
    assert keys["instruments.fut:ES.initial_margin"] == "20000.00"
    assert keys["instruments.fut:ZZ:2027-03.multiplier"] == "10.00"


def test_days_of_a_market():
    found = settings(
        "calendars: {us_equities: {days: {2026-11-27: {hours: '09:30 12:00', note: storm}, 2026-12-01: {}}}}"
    )
    days = found.calendars["us_equities"]
    assert (days["2026-11-27"].spans, days["2026-11-27"].note) == (parse_hours("09:30 12:00"), "storm")
    assert days["2026-12-01"].spans == (), "without hours it is closed"
    keys = flatten(found)
    assert keys["calendars.us_equities.days.2026-11-27.hours"] == "09:30 12:00"
    assert keys["calendars.us_equities.days.2026-12-01.hours"] == "closed"
    assert found.version != load(None).version


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{us_equities: {days: {26-11-27: {}}}}", "calendars.us_equities.days.26-11-27: is no date"),
        ("{us_equities: {days: {2026-02-30: {}}}}", "2026-02-30: is no date"),
        ("{us_equities: {days: {2026-11-27: {hours: 9-17}}}}", "'9-17' is no opening and closing"),
        ("{us_equities: {2026-11-27: {hours: closed}}}", "known here: days"),
    ],
)
def test_days_of_a_market_that_are_wrong(text: str, said: str):
    assert said in problem(f"calendars: {text}")


def test_show_leaves_variables_as_they_are(tmp_path):
    path = tmp_path / "stopline.yaml"
    path.write_text(
        "data_dir: ${BOOKS:-x}\nlimits: {order_rate: [1 / 1 s, 9 / 1 h]}\naccounts:\n- {account: a, opening_cash: 5}\n"
    )
    rows = {each.key: each for each in written(path)}
    assert rows["data_dir"].value == "${BOOKS:-x}"
    assert rows["data_dir"].where == f"{path}:1"
    assert rows["limits.order_rate"].value == "[1 / 1 s, 9 / 1 h]"
    assert rows["limits.leverage"].where.startswith("defaults:")
    assert rows["accounts[1].opening_cash"].value == "5"
    assert "accounts[1].broker" not in rows


def test_known_keys_of_nested_places():
    assert "daily_loss" in known_keys(("accounts", 0, "strategies", "x"))
    assert known_keys(()) == list(FileSection.model_fields)
