"""Planted bugs in what becomes of a breach: locks, obligations, brackets (see catalog.py)."""
# ruff: noqa: E501  a planted text is as long as the line it stands in

from tests.mutations.planted import Mutation

STORIES = "tests/scenarios/test_scenarios.py"
UNIT = "tests/unit/engine/test_enforcement.py"
DEATHS = "tests/properties/test_survival.py"
BANDS = "tests/properties/test_bands.py"


def enforce(name: str, bug: str, old: str, new: str, *tests: str) -> Mutation:
    """A bug in engine/enforce, which the stories must notice."""
    return Mutation(f"enforce/{name}: {bug}", f"engine/enforce/{name}.py", old, new, tests or (STORIES,))


ENFORCEMENT = (
    enforce("locks", "its timer comes early", "turn.say(e.TimerSet(timer_of(name, key), until, name))", "turn.say(e.TimerSet(timer_of(name, key), until - SECOND, name))"),
    enforce("locks", "shortened", "end = end if stands_until is None else max(end, stands_until)", "end = end", STORIES),
    enforce("locks", "not lengthened", "if stands_until is not None and end <= stands_until and", "if stands_until is not None and"),
    enforce("locks", "ends under a doubted clock", "    if CLOCK in account.restrictions:", "    if False:"),
    enforce("locks", "the past locks", "if until and until <= turn.at:", "if until and until <= 0:", UNIT),
    enforce("locks", "a firm's kill is none", "or key == KILL for restrictions in restrictions_on(state, account) for key in restrictions", "or key == KILL for restrictions in (account.restrictions,) for key in restrictions", UNIT),
    enforce("locks", "a cooldown keeps nobody out", 'return any(key.startswith(COOLDOWN)', 'return any(key.startswith("none")'),
    enforce("leaving", "a failed close is not counted", "            tries = each.attempts + 1\n", "            tries = each.attempts\n"),
    enforce("leaving", "closed twice", "left = abs(position.qty) - keep - sum(order.leaves_qty for order in closes_under_way(account, position))", "left = abs(position.qty) - keep"),
    enforce("leaving", "sent blind", "    if is_unproven(turn.state, account):", "    if False:"),
    enforce("leaving", "sent to a shut market", "if instrument.status in SHUT:", "if False:"),
    enforce("leaving", "no backoff", "elif turn.at >= each.next_at:", "else:"),
    enforce("leaving", "done by our book alone", "if turn.pictured == name:", "if True:"),
    enforce("leaving", "what comes up while it is confirmed waits", "each = structs.replace(each, next_at=0)", "pass"),
    enforce("leaving", "entries stay", "if may_increase(account, order) or not held_qty(turn.state, position):", "if False:"),
    enforce("duties", "a flatten takes new risk", "    place_lock(turn, account, FLATTENING,", "    0 and place_lock(turn, account, FLATTENING,"),
    enforce("duties", "two flattens", "    if any(each.kind is ObligationKind.FLATTEN for each in open_ones):\n        return\n", ""),
    enforce("duties", "closed on top of a flatten", "    if each.kind is ObligationKind.FLATTEN:\n        return True\n", ""),
    enforce("intruders", "not closed", "    if opened:", "    if False:"),
    enforce("intruders", "all of the position goes", "abs(after) - opened", "0"),
    enforce("intruders", "one's own fill in a cooldown goes", "not (cools_down(account) and _is_from_outside(account, event))", "not cools_down(account)"),
    enforce("intruders", "an order of others is one's own", "order is not None and order.external", "False"),
    enforce("fulfil", "a lock that keeps flat does not", "            if held.keeps_flat:", "            if False:"),
    enforce("fulfil", "two orders of one round", "if not _has_new_order(turn, each.instrument_id):", "if True:", UNIT, STORIES),
    enforce("fulfil", "nobody looks again", "else at + _LOOK_EVERY", "else at + 3600 * _LOOK_EVERY", UNIT),
    enforce("protecting", "more than is bare", "bare = abs(position.qty) - proven", "bare = abs(position.qty)"),
    enforce("protecting", "beside what is coming", "bare > coming and", "bare > 0 and"),
    enforce("protecting", "a target takes the stop's place", "hold = Hold.PRICE if holding.is_behind_exits and holding.hold is Hold.RELEASE else holding.hold", "hold = holding.hold"),
    enforce("protecting", "left bare", "each.attempts >= TRIES", "False"),
    enforce("protecting", "a held stop never rests", "rests = holding.is_resting or request.order_type in STOPS", "rests = holding.is_resting"),
    enforce("escalation", "nobody is told", "    turn.alert(account.terms.account, \"OBLIGATION_NOT_DONE\"", "    0 and turn.alert(account.terms.account, \"OBLIGATION_NOT_DONE\""),
    enforce("escalation", "tried at once", "min(FIRST_WAIT << min(attempts - 1, 6), LONGEST_WAIT)", "0"),
    enforce("acting", "no lock", "    ActionKind.LOCK: _lock,", "    ActionKind.LOCK: _warn,"),
    enforce("acting", "a standing excess is forgotten", "_AGAIN: Final = frozenset({ActionKind.CLOSE_POSITION, ActionKind.REDUCE_EXCESS, ActionKind.ATTACH})", "_AGAIN: Final = frozenset({ActionKind.ATTACH})", UNIT),
    enforce("acting", "reducing for ever", "        lift(turn, account, RULE + verdict.rule,", "        0 and lift(turn, account, RULE + verdict.rule,"),
    enforce("judging", "a warning acts", "    if verdict.mode is Mode.WARN:", "    if False:"),
    enforce("watching", "the group is not asked", "        if account.terms.group in groups and", "        if False and", UNIT),
    enforce("watching", "the firm's kill is not heard", "    return account.severity > 0 and keeps_flat(state, account)", "    return any(held.keeps_flat for held in account.restrictions.values())"),
    enforce("bots", "entries stay", "if is_of(order, bot) and not order.reducing:", "if False:", "tests/unit/engine/test_enforcement.py"),
    Mutation("step: one order ended twice", "engine/cancels.py", "or (account, cid) in turn.canceling", "", (UNIT, STORIES)),
    Mutation("kill: a rule's kill is released at once", "engine/decide/kill.py", "or (message.actor == LOCAL and _is_of_a_rule(restriction))", "", (STORIES,)),
    Mutation("rules: a lock is released by who placed it", "engine/decide/rules.py", "message.actor in (LOCAL, held.actor)", "message.actor == LOCAL", (STORIES,)),
    Mutation("rules: loosened while restricted", "engine/decide/rules.py", "    if account.severity or account.breaches:\n        text", "    if False:\n        text", (STORIES,)),
    Mutation("rulebook: a warning is never acted on", "engine/rulebook.py", "    if _acts_now(rule, breach):\n", "    if False:\n", (STORIES,)),
    Mutation("replay: what is owed is lost over a restart", "engine/replay.py", "    settle_severity(state)\n    revalue_all(state)", "    for account in state.accounts.values():\n        account.obligations.clear()\n    settle_severity(state)\n    revalue_all(state)", (DEATHS,)),
    Mutation("apply: a refused cancel is asked again at once", "engine/apply/orders.py", "    order.is_recalled, order.cancel_cause, order.refused_at = False, \"\", at\n", "    order.is_recalled, order.cancel_cause = False, \"\"\n", (UNIT,)),
    Mutation("apply: a lengthened lock begins anew", "engine/apply/risk.py", "restriction = structs.replace(restriction, since=held.since)", "pass", (UNIT,)),
    Mutation("bands: what is left is not shared out", "engine/bands.py", "(most - equity) // max(held, 1)", "(most - equity)", (BANDS,)),
    Mutation("bands: marks that rules wait for are forgotten", "engine/bands.py", "(max(low, lowest), min(high, highest))", "(low, high)", (BANDS,)),
    Mutation("bands: figures of before are given out", "state/account.py", "        if valued.behind:\n", "        if False:\n", (BANDS,)),
)  # fmt: skip
