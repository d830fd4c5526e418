"""Words of a list, and patterns of instruments."""

from stopline.config.units.text import Unfit, items_of, text_of, word_of, words_of
from stopline.model.account import LotMethod
from stopline.model.instrument import AssetClass, InstrumentStatus
from stopline.model.patterns import defect


def read_bool(value: object) -> bool:
    """Read `true` or `false`, and no other word for it."""
    return word_of(value, ("true", "false"), "write true or false") == "true"


def read_lot_method(value: object) -> LotMethod:
    """Read how closed quantity picks its cost."""
    return LotMethod(word_of(value, LotMethod, f"write {words_of(LotMethod)}"))


def read_asset_class(value: object) -> AssetClass:
    """Read an asset class."""
    return AssetClass(word_of(value, AssetClass, f"write {words_of(AssetClass)}"))


def read_classes(value: object) -> tuple[AssetClass, ...]:
    """Read one asset class, or a list of them, or `none`."""
    fix = f"write asset classes: {words_of(AssetClass)}"
    return tuple(AssetClass(word_of(each, AssetClass, fix)) for each in items_of(value, fix))


def read_status(value: object) -> InstrumentStatus:
    """Read an instrument's trading status; whether its market is open now, the calendars say."""
    words = [each for each in InstrumentStatus if each is not InstrumentStatus.OFF_HOURS]
    return InstrumentStatus(word_of(value, words, f"write {words_of(words)}"))


def read_patterns(value: object) -> tuple[str, ...]:
    """Read one pattern of instruments, or a list of them, or `none`."""
    fix = "write canonical ids, products or symbols: [AAPL, eq:US:*, fut:ES]"
    patterns = tuple(text_of(each, fix) for each in items_of(value, fix))
    for pattern in patterns:
        if problem := defect(pattern):
            raise Unfit(problem, fix)
    return patterns
