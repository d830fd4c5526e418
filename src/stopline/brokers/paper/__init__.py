"""The paper broker: a broker of our own on the matching exchange, with its own durable book."""

from stopline.brokers.paper.broker import PaperBroker
from stopline.brokers.paper.told import Told

__all__ = ["PaperBroker", "Told"]
