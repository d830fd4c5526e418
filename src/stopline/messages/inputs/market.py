"""Feeds."""

from stopline.messages.inputs.base import BaseInput
from stopline.model.quote import Quote


class QuoteReceived(BaseInput, frozen=True, gc=False):
    """A quote from a feed. Volatile: never journaled."""

    quote: Quote
