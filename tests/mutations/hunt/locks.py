"""Early unlocks, exits that are held, and what is lost over a restart."""
# ruff: noqa: E501  a planted text is as long as the line it stands in

from tests.mutations.hunt.hunted import Hunted, again, bug

LOCKS: tuple[Hunted, ...] = (
    again("early unlock: the one who killed releases at once", "the one who killed releases at once"),
    again("early unlock: a restart ends a kill", "kill is over after a restart"),
    again("early unlock: a restart ends a breaker", "a breaker is over after a restart"),
    again("early unlock: a lock is shortened", "enforce/locks: shortened"),
    again("early unlock: the clock is set", "enforce/locks: ends under a doubted clock"),
    again("early unlock: a timer comes early", "a timer comes early"),
    again("early unlock: a breaker is reset while its cause holds", "a breaker is reset while its cause holds"),
    bug(
        "early unlock: a new day ends everything",
        "a session lifts every restriction",
        "engine/apply/accounts.py",
        "    account.recent = Recent()\n    if had_session:\n",
        "    account.recent = Recent()\n    account.restrictions.clear()\n    settle_account(state, account)\n    if had_session:\n",
    ),
    bug(
        "early unlock: a correction ends a lock",
        "a bust lifts what it led to",
        "engine/apply/fills.py",
        "    account.cash += _rebook(position, account, instrument) - booked.cash\n",
        '    account.cash += _rebook(position, account, instrument) - booked.cash\n    for key in [key for key in account.restrictions if key.startswith("lock:")]:\n        del account.restrictions[key]\n',
    ),
    again("a kill leaves what adds risk", "kill leaves the entries"),
    again("a breaker takes protection away", "the breaker takes protection away"),
    again("an exit asks every limit", "exits are asked everything"),
    again("an orphan stop opens a position", "orphan exits stay"),
    again("closed twice", "enforce/leaving: closed twice"),
    again("closed blind", "enforce/leaving: sent blind"),
    again("lost over a restart: what was on its way", "a restart forgets what was on its way"),
    again("lost over a restart: what is owed", "replay: what is owed is lost over a restart"),
    again("lost over a restart: the spool", "the next start throws the spool away"),
    again("before the disk: effects of an exit", "an exit is said before it is in the spool"),
    again("time runs backwards", "time runs backwards"),
    again("a gap is folded", "a gap in the journal is folded"),
    bug(
        "one order goes out twice",
        "a withdrawn order goes out all the same",
        "runtime/lanes.py",
        "            self._lanes[lane_of(unsent)].remove(unsent)\n            self._on_withdrawn(unsent)\n",
        "            self._on_withdrawn(unsent)\n",
    ),
)
