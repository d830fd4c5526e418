"""`stopline init`: four questions, and a commented stopline.yaml with armed limits."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stopline.cli.examples import examples
from stopline.cli.outcome import Exit, Stop, say

if TYPE_CHECKING:
    from stopline.model.numbers import Money

QUESTIONS = {
    "trade": "What do you trade?",
    "where": "Where: an account of your own, or a firm's rules?",
    "how": "Who sends the orders, you by hand or a bot?",
    "loss": "How much may you lose in a day?",
}


def add_to(app: typer.Typer) -> None:
    """Add this command to the app."""
    app.command(
        epilog=examples(
            "stopline init",
            "stopline init --trade stocks --where own --how hand --loss 500",
            "stopline init --trade futures --where topstep-2026 --how hand --loss 400 firm.yaml",
        )
    )(init)


def init(
    file: Annotated[Path, typer.Argument(help="A new file.")] = Path("stopline.yaml"),
    trade: Annotated[str, typer.Option(help="stocks, futures or both.")] = "",
    where: Annotated[str, typer.Option(help="own, or a pack: topstep-2026, intraday-trailing-2026, static-2026.")] = "",
    how: Annotated[str, typer.Option(help="hand or bot.")] = "",
    loss: Annotated[str, typer.Option(help="What may be lost in a day, such as 500.")] = "",
) -> None:
    """Write a stopline.yaml from four answers.

    What do you trade, where, by hand or by bot, and how much may you lose in a day. Asks for what the options leave
    open; every limit it writes is armed and says why it is what it is.
    """
    from stopline.config.load import load_bytes
    from stopline.config.profiles import OWN, Answers, How, Trades, pack_names, render_profile

    if file.exists():
        raise _not_written(file, "it is there already")
    trades = Trades(_answer("trade", trade, [*Trades]))
    places = [OWN] if trades is Trades.STOCKS else [OWN, *pack_names()]
    place = _answer("where", where, places)
    hand = How(_answer("how", how, [*How]))
    amount = _loss(loss, place)
    text = render_profile(Answers(trades, place, hand, amount))
    load_bytes(text.encode(), file)
    try:
        with file.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except OSError as error:
        reason = "it is there already" if isinstance(error, FileExistsError) else str(error.strerror)
        raise _not_written(file, reason) from None
    named = "" if file == Path("stopline.yaml") else f" --config {file}"
    say(f"{file} written; read it, then `stopline run{named}`")


def _not_written(file: Path, reason: str) -> Stop:
    return Stop(Exit.USAGE, f"{file} cannot be written: {reason}", "name a new file")


def _answer(name: str, given: str, words: list[str]) -> str:
    """Return an answer: the option's, or what a person types, until it is one of the words."""
    told = ", ".join(words)
    if given:
        if given not in words:
            raise Stop(Exit.USAGE, f"--{name}: {given!r} is not known here", f"write one of {told}")
        return given
    if len(words) == 1:
        return words[0]
    while True:
        answer = _ask(name, told)
        if answer in words:
            return answer
        say(f"{answer!r} is none of {told}")


def _loss(given: str, place: str) -> "Money":
    """Return the daily loss; a pack's own is the most."""
    from stopline.config.profiles import OWN, pack_loss
    from stopline.config.units import Unfit, read_positive_money

    most = read_positive_money(pack_loss(place)) if place != OWN else None
    while True:
        text = given or _ask("loss", "an amount such as 500" if most is None else f"at most {pack_loss(place)}")
        try:
            amount = read_positive_money(text)
            if most is None or amount <= most:
                return amount
            problem = f"{text} is more than {place} leaves ({pack_loss(place)})"
        except Unfit as unfit:
            problem = f"{unfit.problem}: {unfit.fix}"
        if given:
            raise Stop(Exit.USAGE, f"--loss: {problem}")
        say(problem)


def _ask(name: str, told: str) -> str:
    if not sys.stdin.isatty():
        raise Stop(Exit.USAGE, f"there is no terminal to ask at: say --{name}", f"{QUESTIONS[name]} ({told})")
    sys.stderr.write(f"{QUESTIONS[name]} ({told}): ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise Stop(Exit.USAGE, "", "nothing was written")
    return line.strip()
