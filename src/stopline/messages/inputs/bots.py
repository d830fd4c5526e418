"""Bots that say that they live."""

from stopline.messages.inputs.base import BaseInput
from stopline.model.ids import AccountId
from stopline.model.numbers import Nanos


class Heartbeat(BaseInput, frozen=True, gc=False):
    """A bot lives. Should it not say so again within `timeout`, its working entries are cancelled; 0 takes leave."""

    account: AccountId
    bot: str
    """`strategy:<name>` or `client:<name>`: whose orders."""
    timeout: Nanos
    actor: str = "local"
