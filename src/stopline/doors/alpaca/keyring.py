"""Who may speak: pairs of keys of Stopline's own, each of one bot to one account. Secrets are known by their hash."""

from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest

from stopline.config.settings import DoorBot
from stopline.dialects.alpaca.serving.keys import KeyPair

_NOBODY = DoorBot("", "", bytes(32), "")


class Keyring:
    """All bots, by key."""

    def __init__(self, bots: Iterable[DoorBot]) -> None:
        self._bots = {bot.key: bot for bot in bots}

    def find(self, said: KeyPair) -> DoorBot | None:
        """Return the bot that a pair belongs to, or None. It takes as long for a key that nobody has."""
        bot = self._bots.get(said.key, _NOBODY)
        is_right = compare_digest(sha256(said.secret.encode("utf-8", "replace")).digest(), bot.secret_hash)
        return bot if is_right and bot is not _NOBODY else None

    def admit(self, key: str, secret: str) -> str:
        """Return the account that a pair opens, or an empty text."""
        bot = self.find(KeyPair(key, secret))
        return "" if bot is None else bot.account
