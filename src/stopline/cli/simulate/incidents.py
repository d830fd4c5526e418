"""Incidents that happened, played on the simulated stage."""

from inspect import getdoc

from stopline.cli.outcome import Exit, Stop, say
from stopline.cli.output import write_json
from stopline.sim.incidents import INCIDENTS, incident
from stopline.sim.world.run import quiet


def play(name: str, *, tells: bool, as_json: bool) -> bool:
    """Play one incident, or `all`; return whether Stopline came through."""
    wanted = list(INCIDENTS) if name == "all" else [name.upper()]
    if wanted[0] not in INCIDENTS:
        raise Stop(Exit.USAGE, f"--incident {name!r} is not known; write N1 to N14, or all")
    results = {each: _play_one(each, tells=tells and not as_json) for each in wanted}
    if as_json:
        write_json("incidents", played={each: found or "came through" for each, found in results.items()})
    else:
        for each, found in results.items():
            _tell(each, found, in_full=len(results) == 1)
    return not any(results.values())


def _play_one(name: str, *, tells: bool) -> str:
    """Return what did not hold, or an empty text."""
    with quiet():
        try:
            stage = incident(name).play()
        except AssertionError as violation:
            return str(violation) or "an assertion of the simulation"
        stage.world.close()
    if tells:
        print("\n".join(stage.world.story))
    return ""


def _tell(name: str, found: str, *, in_full: bool) -> None:
    lines = (getdoc(incident(name)) or "").splitlines()
    print("\n".join(lines) if in_full else lines[0])
    say(f"{name}: {found}" if found else f"{name}: Stopline comes through")
