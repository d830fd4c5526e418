"""The plot: the steps, in the order in which they are told. A new step is a line here."""

from stopline.cli.demo import entries, kept, limits, rules, trouble
from stopline.cli.demo.story import Step

STORY: tuple[Step, ...] = (
    entries.MARKET,
    entries.LIMIT,
    entries.STOP,
    entries.STOP_LIMIT,
    kept.BRACKET,
    kept.TRAILING,
    kept.CONDITION,
    kept.CLOSE,
    limits.TOO_LARGE,
    limits.AT_ITS_WORST,
    limits.TWICE,
    limits.EXIT,
    trouble.DAILY_LOSS,
    trouble.LOCKED,
    trouble.FLATTEN,
    trouble.NEW_START,
    rules.BROKEN,
    rules.LOCKED,
)
