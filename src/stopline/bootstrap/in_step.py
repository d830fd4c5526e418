"""A recording in step with the simulated broker that plays the same file: it is the simulator's time that counts.

Two processes that play one file must agree what time it is in it, or the gate would judge by other
prices than the exchange trades at. So Stopline begins where the simulator is, at a first start and at
every later one; from there both files run at the same speed.
"""

import logging
from typing import Final

from stopline.bootstrap.brokers import open_client
from stopline.bootstrap.parts import ALPACA, StartRefused
from stopline.config.settings import Settings
from stopline.model.instants import render_instant
from stopline.model.numbers import SECOND, Nanos
from stopline.ports.broker import BrokerError
from stopline.ports.clock import EngineClock
from stopline.ports.feed import Feed
from stopline.runtime.clocks import RecordedClock
from stopline.venue.recorded import RecordedFeed

RUNS_ON: Final[Nanos] = 30 * 86_400 * SECOND
"""For so long the time of a recording that has ended is still taken for its own: it runs on."""
log = logging.getLogger(__name__)


async def come_into_step(settings: Settings, clock: EngineClock, feed: Feed) -> Nanos:
    """Move a recording's clock to where the simulated broker's is; return that instant, 0 where nothing moved.

    Raises StartRefused where the broker plays something else.
    """
    is_at_alpaca = any(terms.broker == ALPACA for terms in settings.accounts)
    if not is_at_alpaca or not isinstance(clock, RecordedClock) or not isinstance(feed, RecordedFeed):
        return 0
    async with open_client(settings.alpaca) as client:
        try:
            theirs = (await client.clock()).timestamp
        except BrokerError as error:
            log.warning("the simulator does not say what time it is (%s): the recording goes on by itself", error)
            return 0
    survey = feed.survey()
    if not survey.starts_at <= theirs <= survey.ends_at + RUNS_ON:
        raise StartRefused(
            f"{feed.name} is from {render_instant(survey.starts_at)} to {render_instant(survey.ends_at)}, and at the "
            f"simulated Alpaca it is {render_instant(theirs)}: give both the same recording and the same --speed"
        )
    clock.advance_to(theirs)
    return theirs
