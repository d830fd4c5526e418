"""Who may speak: one pair of keys, and one account."""

from hmac import compare_digest

from msgspec import Struct

from stopline.dialects.alpaca.errors import ApiError
from stopline.dialects.alpaca.refusals import no_keys, wrong_keys
from stopline.dialects.alpaca.serving.keys import read_keys
from stopline.sim.alpaca.show import ACCOUNT_NUMBER


class Keys(Struct, frozen=True):
    """The pair that is right. They guard nothing real."""

    key: str
    secret: str

    def admit(self, key: str, secret: str) -> str:
        """Return the account that a pair opens, or an empty text."""
        said, right = f"{key}\0{secret}", f"{self.key}\0{self.secret}"
        return ACCOUNT_NUMBER if compare_digest(said.encode("utf-8", "replace"), right.encode()) else ""

    def refusal(self, headers: dict[str, str]) -> ApiError | None:
        """Return why a request is not let in, or None."""
        said = read_keys(headers)
        if not any(said):
            return no_keys()
        return None if self.admit(*said) else wrong_keys()
