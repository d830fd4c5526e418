"""All bugs of the hunt."""

from tests.mutations.hunt.documents import DOCUMENTS
from tests.mutations.hunt.hunted import Hunted
from tests.mutations.hunt.incidents import INCIDENTS
from tests.mutations.hunt.ledger import LEDGER
from tests.mutations.hunt.locks import LOCKS

BUGS: tuple[Hunted, ...] = INCIDENTS + DOCUMENTS + LEDGER + LOCKS
