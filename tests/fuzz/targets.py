"""All fuzz targets."""

from tests.fuzz.alpaca import ALPACA
from tests.fuzz.doors import DOORS
from tests.fuzz.files import FILES
from tests.fuzz.numbers import NUMBERS
from tests.fuzz.records import RECORDS
from tests.fuzz.symbols import SYMBOLS
from tests.fuzz.target import Target

TARGETS: tuple[Target, ...] = NUMBERS + SYMBOLS + DOORS + ALPACA + FILES + RECORDS
