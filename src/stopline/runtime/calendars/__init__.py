"""When markets trade: shipped tables, and what this installation says over them.

The tables (`tables/*.json`) are made by `make calendars` from libraries that nothing here
imports; a table is read when somebody asks for its market.

Source     semantics.md section 1; libraries.md section 4 (traps 1, 2); reliability.md F32, F38.
"""

from stopline.runtime.calendars.book import CalendarBook, UnknownMarket
from stopline.runtime.calendars.market import MarketCalendar, OutOfRange

__all__ = ["CalendarBook", "MarketCalendar", "OutOfRange", "UnknownMarket"]
