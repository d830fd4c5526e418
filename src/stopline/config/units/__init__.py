"""The human units of the configuration: text to exact scaled ints, and back.

money 5000.00 · ratio 0.25 or 25 % · quantity 0.5 · duration 5 s · window 10 / 1 s · none

One file per kind; everybody imports from here.
"""

from stopline.config.units.access import read_environment, read_secret, read_sha256
from stopline.config.units.numbers import (
    read_count,
    read_money,
    read_multiplier,
    read_port,
    read_positive_money,
    read_positive_qty,
    read_price,
    read_qty,
    read_ratio,
    read_share,
    read_signed_money,
)
from stopline.config.units.text import (
    NONE,
    Unfit,
    items_of,
    matching,
    number_of,
    one_of,
    optional,
    text_of,
    word_of,
    words_of,
)
from stopline.config.units.times import (
    DURATION,
    DURATION_FIX,
    DURATION_UNITS,
    WINDOW_FIX,
    read_duration,
    read_hours,
    read_time_of_day,
    read_window,
    read_windows,
    read_zone,
)
from stopline.config.units.words import (
    read_asset_class,
    read_bool,
    read_classes,
    read_lot_method,
    read_patterns,
    read_status,
)

__all__ = [
    "DURATION", "DURATION_FIX", "DURATION_UNITS", "NONE", "WINDOW_FIX", "Unfit", "items_of", "matching",
    "number_of", "one_of", "optional", "read_asset_class", "read_bool", "read_classes", "read_count",
    "read_duration", "read_environment", "read_hours", "read_lot_method", "read_money", "read_multiplier",
    "read_patterns", "read_port", "read_positive_money", "read_positive_qty", "read_price", "read_qty",
    "read_ratio", "read_secret", "read_sha256", "read_share", "read_signed_money", "read_status",
    "read_time_of_day", "read_window", "read_windows", "read_zone", "text_of", "word_of", "words_of",
]  # fmt: skip
