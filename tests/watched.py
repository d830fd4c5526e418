"""A world with account rules in shadow beside its engine.

world = Watched(daily_unrealized_loss={"loss_limit": money("50")})
world.hold("10", price="100")
world.price("AAPL", "95")
assert world.told == ["+daily_unrealized_loss eq:US:AAPL"]
"""

from stopline.engine.shadow import Shadow
from stopline.engine.situation import situation_of
from stopline.model.rules import TERMS, Rules
from stopline.model.week import Week
from stopline.state.history import History
from stopline.state.situation import Situation, Surroundings
from tests.build import START, World

WEEK = Week("2026-01-05", START - 10**15, START + 10**15, "2026a")
AROUND = Surroundings(week=WEEK)


class Watched(World):
    """A world with rules in shadow beside it. `told` is what they said, as `+rule key` and `-rule key`."""

    shadow: Shadow | None = None

    def __init__(self, around=AROUND, **terms):
        rules = {name: TERMS[name](**fields) for name, fields in terms.items()}
        self.told, self.verdicts, self.around = [], [], around
        self.shadow = Shadow("A1", Rules(**rules))
        super().__init__()

    def step(self, message):
        reply = super().step(message)
        for change in self.shadow.look(self.state, self.said, self.at, self.around):
            name = f"{change.verdict.rule} {change.verdict.key}".strip()
            self.told.append(("+" if change.is_open else "-") + name)
            self.verdicts.append(change.verdict)
        return reply

    @property
    def history(self) -> History:
        return self.shadow._history

    @property
    def seen(self) -> Situation:
        return situation_of(self.state, self.account(), self.history, self.shadow._recent, self.at, self.around)

    def price(self, symbol, price):
        """Two usable quotes in a row at this price."""
        for _ in range(2):
            self.quote(symbol, bid=price)

    def trips(self):
        return [(trip.instrument_id.rpartition(":")[2], trip.realized_pnl) for trip in self.history.trips]
