"""What the starting documents got wrong (semantics.md 13, reliability.md 2.1 and 2.2), as our code would have it."""
# ruff: noqa: E501  a planted text is as long as the line it stands in

from tests.mutations.hunt.hunted import Hunted, again, bug

DOCUMENTS: tuple[Hunted, ...] = (
    again("001: effective = current + buys - sells", "sell hides buy"),
    bug(
        "001: a counter with a lifetime (INCR and a TTL)",
        "the rate counts from the full second on",
        "measures/rate.py",
        "oldest_that_counts > at - window",
        "oldest_that_counts >= at // window * window",
    ),
    again("001: concentration = order / portfolio", "concentration: the order alone counts"),
    again("001: the breaker rejects everything", "trading_state: exits held while reducing"),
    again("001: an order too large is rejected, be it the way out", "max_order_notional: exits held"),
    bug(
        "001: fail fast: only the first failure is reported",
        "a report ends at what denies",
        "engine/gate.py",
        "    findings = [_finding(armed.get(kind.name), kind, order, account, checks) for kind in CHECKS]\n",
        "    findings = []\n    for kind in CHECKS:\n        findings.append(_finding(armed.get(kind.name), kind, order, account, checks))\n        if kind.name == verdict.check:\n            break\n",
    ),
    again("001: limits are reloaded by anyone", "an armed account is loosened at once"),
    again("001: money limits for every class (1 MES is 34,500)", "max_order_notional: one micro future denied"),
    again("001: 150 us, without the disk", "a reply comes before the commit"),
    again("002: RULE-010 only alerts", "a lost line leaves the account active"),
    bug(
        "002: RULE-008 rejects, and closes nothing",
        "a position without a stop stays",
        "rules/stop_loss_grace.py",
        "        return close(reading.held)\n",
        "        return ()\n",
    ),
    bug(
        "002: every reset is at New York's hour",
        "a reset is in New York, whatever the zone",
        "runtime/sessions.py",
        "local = datetime.combine(ends_on, reset, load_zone(terms.reset_zone))",
        'local = datetime.combine(ends_on, reset, load_zone("America/New_York"))',
    ),
    again("002: limits per expiry", "rules/max_contracts_per_instrument: by expiry"),
    again("002: prefixes (`ES*` hits Eversource)", "instrument_allowed: raw prefixes match"),
    again("002: a carried position loses what it lost before", "the day counts from entry cost"),
    again("002: a client's reduce_only is believed", "order_well_formed: reduce_only believed"),
    bug(
        "reliability 2.1, caught: one's own stop keeps one in",
        "a close behind one's own stop is refused",
        "engine/decide/exits.py",
        "hold=Hold.RELEASE if is_blocked else None, behind_exits=is_blocked",
        "hold=None, behind_exits=False",
    ),
    again("reliability 2.1, caught: a stop and a close both fill", "a close behind a stop flips"),
    again("reliability 2.1: the largest leg of an OCO that is only ours", "held: an oco sells twice"),
    bug(
        "reliability 2.2: full-width digits are read",
        "digits of any alphabet are a number",
        "model/numbers.py",
        r'_GRAMMAR = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?", re.ASCII)',
        r'_GRAMMAR = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?")',
    ),
    bug(
        "reliability 2.2: 1e400 is a price",
        "a number too large is the largest",
        "model/numbers.py",
        '            raise NumberRefused(f"{_shown(text)} is too large")\n        scaled = int(digits) * int(10**shift)\n',
        "            return MAX_SCALED\n        scaled = int(digits) * int(10**shift)\n",
    ),
    bug(
        "reliability 2.2: what is finer than the scale is cut",
        "decimals beyond the scale are dropped",
        "model/numbers.py",
        '    if cut.strip("0"):\n',
        "    if False:\n",
    ),
)
