"""The doors of a file: who may speak there, for which account. Of a secret only the hash goes on."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, Final

from stopline.config.schema import AccountSection, AlpacaDoorSection, BotSection
from stopline.config.settings import AlpacaDoor, DoorBot
from stopline.config.tree import Scalar

Refuse = Callable[..., None]
"""Called with the key, what is wrong, what would be right, and the path to its place."""
_AT: Final = ("doors", "alpaca", "bots")


def alpaca_door(
    layers: list[AlpacaDoorSection], accounts: tuple[AccountSection, ...], refuse: Refuse, node: Callable[..., Any]
) -> AlpacaDoor:
    """Return Alpaca's door; what is wrong with its bots goes to `refuse`."""
    said: dict[str, Any] = {}
    for layer in layers:
        said |= layer.given()
    bots: list[DoorBot] = []
    for index, section in enumerate(said["bots"]):
        _refuse_defects(section, index, accounts, bots, refuse, node)
        right = section.secret_sha256 or sha256(section.secret.encode()).hexdigest()
        account = section.account or accounts[0].account if accounts else ""
        bots.append(DoorBot(section.name, section.key, bytes.fromhex(right), account))
    return AlpacaDoor(said["host"], said["port"], tuple(bots))


def _refuse_defects(
    section: BotSection,
    index: int,
    accounts: tuple[AccountSection, ...],
    before: list[DoorBot],
    refuse: Refuse,
    node: Callable[..., Any],
) -> None:
    def wrong(key: str, message: str, fix: str) -> None:
        refuse(f"doors.alpaca.bots[{index + 1}].{key}", message, fix, *_AT, index, key)

    if not section.name:
        wrong("name", "is missing", "name the bot: limits for each bot, and the journal, call it so")
    if not section.key:
        wrong("key", "is missing", "make up a key id, such as SLMOMENTUM; the bot sends it as its API key")
    if bool(section.secret) is bool(section.secret_sha256):
        wrong("secret", "is missing, or stands there twice", "write secret: ${NAME}, or secret_sha256")
    stands = node(*_AT, index, "secret")
    if section.secret and isinstance(stands, Scalar) and not stands.variables:
        wrong("secret", "stands in the file", "write secret: ${NAME} and set NAME in the environment, or secret_sha256")
    if any(section.key == bot.key for bot in before):
        wrong("key", "is another bot's already", "give each bot its own pair of keys")
    if any(section.name == bot.name for bot in before):
        wrong("name", "is another bot's already", "give each bot its own name")
    names = [each.account for each in accounts]
    if section.account and section.account not in names:
        wrong("account", f"is no account here; known are {', '.join(names)}", "write one of them")
    if not section.account and len(names) > 1:
        wrong("account", f"is missing: {', '.join(names)} are there", "write which of them these keys open")
