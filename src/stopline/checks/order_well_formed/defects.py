"""The defects of an order, by number."""

from enum import IntEnum


class Defect(IntEnum):
    """What is wrong with an order; 0 is nothing."""

    UNKNOWN_INSTRUMENT = 1
    OPTION = 2
    NO_RATE = 3
    WRONG_CURRENCY = 4
    NO_QTY = 5
    NO_SIZE_IN_MONEY = 6
    OFF_LOT = 7
    BELOW_MIN_QTY = 8
    ABOVE_MAX_QTY = 9
    NO_LIMIT_PRICE = 10
    NEEDLESS_LIMIT_PRICE = 11
    NO_STOP_PRICE = 12
    NEEDLESS_STOP_PRICE = 13
    NO_TRAIL = 14
    NEEDLESS_TRAIL = 15
    OFF_TICK = 16
    PRICE_NOT_POSITIVE = 17
    LEGS_WITHOUT_CLASS = 18
    TOO_LARGE = 19
    NO_EXPIRY = 20
    NEEDLESS_EXPIRY = 21
    EXPIRY_PAST = 22
    EXTENDED_HOURS_TERMS = 23
    NOT_REDUCING = 24
    BROKER_ORDER_TYPE = 25
    BROKER_TIME_IN_FORCE = 26
    LEGS_UNFIT = 27
    BROKER_EXTENDED_HOURS = 28
    CONDITION_EMPTY = 29
    OCO_OPENS = 30
    LEGS_OF_EXIT = 31
    END_UNFIT = 32
    PARTIAL_OF_EXIT = 33
