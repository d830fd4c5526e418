"""What each trouble does to a world, and how it ends.

A trouble that lasts is counted in and counted out, so that two of one kind may overlap.
What ends all of them is `calm`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from stopline.model.numbers import SECOND, Nanos
from stopline.sim.world.beside import late_fill, outside_fill, outside_order, take_back
from stopline.sim.world.counter import Lie, Mood
from stopline.sim.world.disk import Ill
from stopline.sim.world.plan import HOUR, MINUTE, Act
from stopline.sim.world.trouble import Trouble as T
from stopline.sim.world.wire import Weather

if TYPE_CHECKING:
    from stopline.sim.world.world import World

SHORT: Final[Nanos] = 10 * MINUTE
LIES: Final = tuple(Lie)


def begin(world: "World", act: Act) -> None:
    """Let a trouble begin, and see to its end."""
    assert act.trouble is not None
    _DOES[act.trouble](world, act)


def calm(world: "World") -> None:
    """End all troubles: from now on everything works."""
    world.disk.ills.clear()
    world.disk.spool_is_full = False
    world.counter.mood = Mood()
    world.wire.weather = Weather()
    world.wire.release()
    world.wire.up()
    world.calm_kills()
    for mark in world.prices.marks.values():
        mark.is_frozen = mark.is_crossed = mark.is_stub = False
    world.start_process()


def _later(world: "World", act: Act, end: Callable[[], None], most: Nanos = 3 * HOUR) -> None:
    """End something when its time is over, unless all is calm by then."""
    world.timeline.call_after(min(act.lasts, most), lambda: None if world.is_calm else end())


# --- processes ---------------------------------------------------------------------------------------


def _kill(world: "World", act: Act) -> None:
    world.kill_after(1 + act.numbers[0] % 400)


def _power(world: "World", act: Act) -> None:
    world.kill_after(1 + act.numbers[0] % 400, power_is_cut=True)


def _restart(world: "World", act: Act) -> None:
    if world.process is not None:
        world.process.leave()


def _kill_again(world: "World", act: Act) -> None:
    """Kill it, and kill what starts after it, some events into its start."""
    world.kill_after(1 + act.numbers[0] % 200)
    world.kill_starts(1 + act.numbers[1] % 5, 1 + act.numbers[2] % 120)


def _stop_and_go(world: "World", act: Act) -> None:
    if world.process is not None:
        world.process.loop.stopped_until = world.timeline.now + SECOND * (1 + act.numbers[0] % 300)


def _set_clock(world: "World", act: Act) -> None:
    world.wall.offset += (act.numbers[0] % 20 - 5) * SECOND


# --- the disk ----------------------------------------------------------------------------------------


def _ill(ill: Ill) -> Callable[["World", Act], None]:
    def begin_ill(world: "World", act: Act) -> None:
        ills = world.disk.ills
        ills[ill] = ills.get(ill, 0) + 1

        def end() -> None:
            ills[ill] = ills.get(ill, 0) - 1
            if ills[ill] <= 0:
                ills.pop(ill)

        if ill is not Ill.SYNC:
            _later(world, act, end, SHORT)

    return begin_ill


def _spool_full(world: "World", act: Act) -> None:
    _ill(Ill.FULL)(world, act)
    world.disk.spool_is_full = True

    def end() -> None:
        world.disk.spool_is_full = False

    _later(world, act, end, SHORT)


# --- the network ---------------------------------------------------------------------------------------


def _weather(change: Callable[[Weather], None], end: Callable[[Weather], None]) -> Callable[["World", Act], None]:
    def begin_weather(world: "World", act: Act) -> None:
        change(world.wire.weather)
        _later(world, act, lambda: end(world.wire.weather))

    return begin_weather


def _cut(world: "World", act: Act) -> None:
    world.wire.cut(act.numbers[0] % 15 * SECOND)


def _down(world: "World", act: Act) -> None:
    world.wire.down(act.numbers[0] % 15 * SECOND)
    _later(world, act, world.wire.up)


def _hold(world: "World", act: Act) -> None:
    world.wire.weather.holds = True
    _later(world, act, world.wire.release)


def _half_open(weather: Weather) -> None:
    weather.half_open = True


def _whole(weather: Weather) -> None:
    weather.half_open = False


def _lose(weather: Weather) -> None:
    weather.request_lost, weather.reply_lost, weather.request_twice = 150, 250, 150


def _lose_nothing(weather: Weather) -> None:
    weather.request_lost = weather.reply_lost = weather.request_twice = 0


def _disorder(weather: Weather) -> None:
    weather.report_lost, weather.report_twice, weather.overtaken, weather.latest = 60, 200, True, 20 * SECOND


def _order(weather: Weather) -> None:
    weather.report_lost = weather.report_twice = 0
    weather.overtaken, weather.latest = False, SECOND // 5


def _flood(world: "World", act: Act) -> None:
    """Let clients send more than the broker takes."""
    world.wire.spend_budget_until(world.timeline.now + min(act.lasts, MINUTE))


# --- the broker ----------------------------------------------------------------------------------------


def _mood(name: str, share: int) -> Callable[["World", Act], None]:
    def begin_mood(world: "World", act: Act) -> None:
        setattr(world.counter.mood, name, share)
        _later(world, act, lambda: setattr(world.counter.mood, name, 0), HOUR)

    return begin_mood


def _lie(world: "World", act: Act) -> None:
    world.counter.mood.lie = LIES[act.numbers[0] % len(LIES)]

    def end() -> None:
        world.counter.mood.lie = None

    _later(world, act, end, HOUR)


def _daily_restart(world: "World", act: Act) -> None:
    world.house.restart()
    world.wire.down(act.numbers[0] % 5 * SECOND)
    _later(world, act, world.wire.up, 5 * MINUTE)


# --- the market ----------------------------------------------------------------------------------------


def _gap(world: "World", act: Act) -> None:
    name = world.instruments[act.instrument].instrument_id
    world.prices.jump(name, act.numbers[0] % 800 - 400, world.timeline.now)
    world.quote(name)


def _quotes(field: str) -> Callable[["World", Act], None]:
    def begin_quotes(world: "World", act: Act) -> None:
        mark = world.prices.marks[world.instruments[act.instrument].instrument_id]
        setattr(mark, field, True)
        _later(world, act, lambda: setattr(mark, field, False), HOUR)

    return begin_quotes


def _below_zero(world: "World", act: Act) -> None:
    for each in world.instruments:
        world.prices.fall_below_zero(each.instrument_id, world.timeline.now)
    world.quote_all()


_DOES: Final[dict[T, Callable[["World", Act], None]]] = {
    T.KILL: _kill,
    T.POWER: _power,
    T.RESTART: _restart,
    T.KILL_AGAIN: _kill_again,
    T.DISK_FULL: _ill(Ill.FULL),
    T.SPOOL_FULL: _spool_full,
    T.SYNC_FAILS: _ill(Ill.SYNC),
    T.DISK_LOCKED: _ill(Ill.LOCKED),
    T.DISK_SLOW: _ill(Ill.SLOW),
    T.STOPPED: _stop_and_go,
    T.CUT: _cut,
    T.DOWN: _down,
    T.HALF_OPEN: _weather(_half_open, _whole),
    T.LOSES: _weather(_lose, _lose_nothing),
    T.HOLDS: _hold,
    T.DISORDER: _weather(_disorder, _order),
    T.LATE_FILL: late_fill,
    T.STUBBORN: _mood("keeps_orders", 700),
    T.BUST: take_back,
    T.CORRECTION: take_back,
    T.DAILY_RESTART: _daily_restart,
    T.OUTSIDE_FILL: outside_fill,
    T.OUTSIDE_ORDER: outside_order,
    T.FLOOD: _flood,
    T.LIES: _lie,
    T.CLOCK_STEP: _set_clock,
    T.GAP: _gap,
    T.CROSSED: _quotes("is_crossed"),
    T.STUB: _quotes("is_stub"),
    T.FROZEN: _quotes("is_frozen"),
    T.NEGATIVE: _below_zero,
    T.REJECTS: _mood("rejects", 600),
}
