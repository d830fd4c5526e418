"""After everything else has settled: bots, rules and obligations of the accounts that something happened to.

One after the other, each on what the one before it led to. When time alone may change
something, the runtime is told to look again then (`state.market.wake`, volatile).

Source     semantics.md section 6 (on every fill, usable quote, order event and timer).
"""

from stopline.engine.enforce.bots import look_after_bots
from stopline.engine.enforce.fulfil import fulfil, next_look
from stopline.engine.enforce.judging import is_quiet, judge, rules_of
from stopline.engine.severity import keeps_flat
from stopline.engine.turn import Turn
from stopline.messages.inputs import Input, LookAgain, MarkPnl
from stopline.model.numbers import Price
from stopline.model.quiet import ALWAYS, Quiet
from stopline.state.account import AccountState
from stopline.state.state import State


def watch_rules(turn: Turn, message: Input) -> None:
    """Say what the rules say, then the next step of what is owed."""
    accounts = [account for name in _concerned(turn, message) if (account := turn.state.accounts.get(name))]
    due = {account.terms.account: [judge(turn, account), look_after_bots(turn, account)] for account in accounts}
    if turn.events:
        return
    for account in accounts:
        fulfil(turn, account)
    if turn.events:
        return
    for account in accounts:
        name = account.terms.account
        instants = [at for at in (*due[name], next_look(account, turn.at)) if at is not None]
        if instants:
            turn.state.market.wake[name] = min(instants)
        else:
            turn.state.market.wake.pop(name, None)


def _concerned(turn: Turn, message: Input) -> list[str]:
    """Return the accounts to look at: those touched, those of their groups, all at a mark, and one asked for."""
    accounts = turn.state.accounts
    names = dict.fromkeys(turn.unjudged)
    if isinstance(message, MarkPnl):
        names |= dict.fromkeys(name for name, account in accounts.items() if _may_have_changed(account))
    elif isinstance(message, LookAgain):
        names[message.account] = None
    groups = {accounts[name].terms.group for name in names if name in accounts} - {""}
    if groups:
        for name, account in accounts.items():
            if account.terms.group in groups and account.rules.group_loss is not None:
                names[name] = None
    return [name for name in names if name in accounts and _has_to(turn.state, accounts[name])]


def is_stirred(turn: Turn, account: AccountState, instrument_id: str, mark: Price | None) -> bool:
    """Return whether a quote, or the time that it came at, may change what the account's rules say."""
    if not _has_to(turn.state, account):
        return False
    due = turn.state.market.wake.get(account.terms.account)
    return (due is not None and due <= turn.at) or not is_quiet(account, instrument_id, mark)


def quiet_of(state: State, account: AccountState) -> Quiet:
    """Return the bounds of an account that nothing stirs."""
    return (account.recent.quiet if _has_to(state, account) else None) or ALWAYS


def _may_have_changed(account: AccountState) -> bool:
    """Return whether time may have: a breach that only a window's end ends has no instant of its own."""
    return bool(account.breaches or account.obligations) or not is_quiet(account, "", None)


def _has_to(state: State, account: AccountState) -> bool:
    """Return whether anything could be said of an account at all."""
    if account.obligations or account.breaches or account.bots or rules_of(account):
        return True
    return account.severity > 0 and keeps_flat(state, account)
