"""`stopline simulate`: the production system under virtual time and faults, from one seed."""

from typing import Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.outcome import Exit, Stop


def add_to(app: typer.Typer) -> None:
    """Make it a command."""
    app.command(
        epilog=examples(
            "stopline simulate --seed 7",
            "stopline simulate --seed 7 --days 5 --faults crash",
            "stopline simulate --seeds 200 --days 1 --troubles 12 --workers 2",
            "stopline simulate --seed 182 --troubles 14 --only 168,174 --story",
            "stopline simulate --seeds 50 --json",
            "stopline simulate --seed 7 --broker alpaca --troubles 14",
            "stopline simulate --incident N5",
        )
    )(simulate)


def simulate(
    seed: Annotated[int, typer.Option(min=0, help="The seed, or the first of --seeds.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds, one after the other.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=5000, help="Trading days to live through.")] = 1,
    faults: Annotated[
        str, typer.Option(help="Which: mix, or none, crash, store, network, broker, market, clock.")
    ] = "mix",
    broker: Annotated[
        str, typer.Option(help="simulated; paper; or alpaca: the adapter that trades, against a simulated one.")
    ] = "simulated",
    accounts: Annotated[int, typer.Option(min=1, max=50, help="Accounts in one world; one with alpaca.")] = 2,
    acts: Annotated[int, typer.Option(min=1, max=5000, help="What people and bots do a day.")] = 60,
    troubles: Annotated[int, typer.Option(min=1, max=500, help="Faults a day, on average.")] = 4,
    only: Annotated[str, typer.Option(help="Only these acts of the seed's story, as 3,17,42.")] = "",
    shrink: Annotated[bool, typer.Option(help="Look for the shortest story of a seed that fails.")] = True,
    story: Annotated[bool, typer.Option("--story", help="Tell what happens, also where nothing fails.")] = False,
    reach: Annotated[bool, typer.Option("--reach", help="Tell all that was reached, and what was not.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the seeds.")] = 1,
    incident: Annotated[str, typer.Option(help="Play an incident that happened, N1 to N14, or all of them.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON document to stdout.")] = False,
) -> None:
    """Run the system in a simulated world that fails.

    Time, disk, network, broker, market and people are simulated, all from the seed; the
    runtime and the engine are the ones that trade. The same seed on the same version does
    the same again, to the byte. Nothing is connected to anything, no money is real.

    Exits with 0 where every promise held, with 1 where one did not: then with the shortest
    story of it that could be found, and the command that repeats it.
    """
    from stopline.cli.simulate.incidents import play
    from stopline.cli.simulate.report import tell_campaign, tell_run
    from stopline.sim.world.terms import ALPACA, BROKER, PAPER, Scale
    from stopline.sim.world.trouble import MIXES

    if not __debug__:
        raise Stop(Exit.USAGE, "python runs with -O, which takes the assertions away that this is made of")
    if incident:
        if not play(incident, tells=story, as_json=as_json):
            raise typer.Exit(Exit.REFUSED)
        return
    if faults not in MIXES:
        raise Stop(Exit.USAGE, f"--faults {faults!r} is not known; write one of {', '.join(MIXES)}")
    if broker not in (BROKER, PAPER, ALPACA):
        raise Stop(Exit.USAGE, f"--broker {broker!r} is not known; write {BROKER}, {PAPER} or {ALPACA}")
    scale = Scale(
        days=days, mix=faults, accounts=1 if broker == ALPACA else accounts, acts_a_day=acts, troubles_a_day=troubles,
        broker=broker,
    )  # fmt: skip
    if seeds == 1:
        holds = tell_run(seed, scale, _read_only(only), shrinks=shrink, tells=story, as_json=as_json, tells_reach=reach)
    elif only:
        raise Stop(Exit.USAGE, "--only is for one seed")
    else:
        holds = tell_campaign(
            range(seed, seed + seeds), scale, workers, shrinks=shrink, as_json=as_json, tells_reach=reach
        )
    if not holds:
        raise typer.Exit(Exit.REFUSED)


def _read_only(text: str) -> list[int] | None:
    if not text:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise Stop(Exit.USAGE, f"--only {text!r} must be numbers with commas, as 3,17,42") from None
