"""The rungs without a server: Stopline in this process, and before it, if it must be, the end of one that hangs."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from stopline.cli.client import Body
from stopline.cli.ladder.wanted import Lost, Steps, Wanted
from stopline.cli.outcome import Exit, Stop
from stopline.stores.sqlite.layout import Layout
from stopline.stores.sqlite.owner import Holder, find_holder

if TYPE_CHECKING:
    from stopline.config.settings import Settings

DEATH_S: Final = 30.0
"""How long the system may take to clear away a process that was ended."""
AT_THE_BROKER: Final = "nothing was stopped: cancel and close at your broker now"


class HeadlessRung:
    """Stopline started here, without doors, for as long as it takes."""

    name = "headless"

    def __init__(self, settings: "Settings", steps: Steps, wait_s: float) -> None:
        self._settings, self._steps, self._wait_s = settings, steps, wait_s
        self.place = str(settings.data_dir.resolve())

    def account(self, named: str) -> str:
        """Return the account that is meant, as far as the settings know."""
        names = sorted(terms.account for terms in self._settings.accounts)
        if named or len(names) == 1:
            return named or names[0]
        raise Stop(Exit.USAGE, f"there is not exactly one account here: say --account, one of {', '.join(names)}")

    def plan(self, wanted: Wanted) -> list[str]:
        """Return what a person should know of it."""
        return [
            f"  nothing runs on {self.place}: Stopline is started in this process, without doors",
            f"  (what is held is read from the journal and asked of the broker; settings: {self._settings.source})",
        ]

    def do(self, wanted: Wanted) -> Body:
        """Do it; returns once the broker has confirmed it, or the time is up. Raises Lost where somebody was faster."""
        from stopline.bootstrap import StartRefused, runner
        from stopline.bootstrap.emergency import Order, stop_trading
        from stopline.cli.logs import start_logging
        from stopline.model.limits import ScopeKind
        from stopline.ports.journal import JournalBusy

        order = Order(
            account=wanted.account,
            is_kill=wanted.is_kill,
            scope=ScopeKind(wanted.scope),
            keep_positions=wanted.keep_positions,
            symbol=wanted.symbol,
            reason=wanted.reason,
        )
        start_logging("error", as_json=False)
        try:
            with runner() as fastest:
                ended = fastest.run(stop_trading(self._settings, order, self._say, self._wait_s))
        except StartRefused as refused:
            if isinstance(refused.__cause__, JournalBusy):
                raise Lost(str(refused)) from None
            raise Stop(Exit.REFUSED, f"Stopline cannot be started on {self.place}: {refused}", AT_THE_BROKER) from None
        except KeyboardInterrupt:
            text = "interrupted: what was said to be on disk holds, what was asked of the broker stays asked"
            raise Stop(Exit.DEGRADED, text) from None
        from msgspec import to_builtins

        return {
            "account": wanted.account,
            "confirmed": ended.is_done,
            "killed_at_seq": ended.killed_at_seq,
            "accounts": to_builtins(ended.accounts),
        }

    def _say(self, text: str) -> None:
        self._steps.tell(self.name, text)


class ForceRung:
    """The end of a process that has the data directory and answers nobody; then headless."""

    name = "force"

    def __init__(
        self, holder: Holder, behind: HeadlessRung, layout: Layout, steps: Steps, does_answer: Callable[[], bool]
    ) -> None:
        self._holder, self._behind, self._layout, self._steps = holder, behind, layout, steps
        self._does_answer = does_answer
        self.place = str(holder)

    def account(self, named: str) -> str:
        """Return the account that is meant."""
        return self._behind.account(named)

    def plan(self, wanted: Wanted) -> list[str]:
        """Return that a process is ended."""
        return [f"  {self._holder}, has the data directory and answers nobody: it is ended", *self._behind.plan(wanted)]

    def do(self, wanted: Wanted) -> Body:
        """End it, and no other process; then do it here."""
        self._end()
        return self._behind.do(wanted)

    def _end(self) -> None:
        """End it, unless it answers by now. Raises Lost where it does, Stop where it cannot be ended."""
        from stopline.stores import processes

        if self._does_answer():
            raise Lost("it answers by now, and is not ended")
        mark = self._holder.mark
        if mark is None:
            raise Stop(Exit.LOCKED, "who has the data directory did not write down who he is: end him by hand")
        try:
            processes.end(mark)
        except processes.ProcessLeft as left:
            if find_holder(self._layout) is not None:
                text = f"{self._layout.root} is still held, and the process noted in it is not ended: {left}"
                raise Stop(Exit.LOCKED, text, AT_THE_BROKER) from None
        self._steps.tell(self.name, f"process {mark.pid} was ended")
        until = time.monotonic() + DEATH_S
        while find_holder(self._layout) == self._holder:
            if time.monotonic() > until:
                text = f"process {mark.pid} was told to end, and is still there after {DEATH_S:g} s"
                raise Stop(Exit.LOCKED, text, AT_THE_BROKER)
            time.sleep(0.05)
