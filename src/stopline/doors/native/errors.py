"""Everything that is refused is answered alike: a code for programs, a sentence for people, and what would be right."""

from typing import Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

Header = tuple[bytes, bytes]


class Answer(Struct, frozen=True, gc=False):
    """What goes back to a caller, over HTTP or a socket: a status and a JSON body."""

    status: int
    body: bytes
    headers: tuple[Header, ...] = ()


class Problem(Struct, frozen=True, gc=False):
    """One field that is wrong, and what would be right."""

    field: str
    message: str
    fix: str


class ErrorBody(Struct, omit_defaults=True):
    """Why it was not done. `problems` names every field that is wrong, `orders` those in the way."""

    error: str
    message: str
    fix: str
    field: str | UnsetType = UNSET
    problems: tuple[Problem, ...] | UnsetType = UNSET
    orders: tuple[str, ...] | UnsetType = UNSET


class Wrong(Exception):
    """One value that cannot be read; the text says what is wrong, `fix` what would be right."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


class Refusal(Exception):
    """A request that goes no further; carries its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body.decode())
        self.answer = answer


_encoder: Final = msgspec.json.Encoder()
encode: Final = _encoder.encode


def error(status: int, code: str, message: str, fix: str = "", headers: tuple[Header, ...] = ()) -> Answer:
    """Return an error answer."""
    return Answer(status, encode(ErrorBody(code, message, fix)), headers)


def internal_error() -> Answer:
    """Return what a caller hears of a fault of ours: that it happened, and nothing of its inside."""
    return error(500, "internal_error", "this could not be answered; the log of this Stopline says why", "")


def blocked(status: int, code: str, message: str, fix: str, orders: tuple[str, ...]) -> Answer:
    """Return an error answer that names the orders it is about."""
    return Answer(status, encode(ErrorBody(code, message, fix, orders=orders)))


def malformed(message: str, fix: str) -> Refusal:
    """Return the refusal of a body that is not what JSON bodies here are."""
    return Refusal(error(422, "malformed_json", message, fix))


def invalid(problems: list[Problem]) -> Refusal:
    """Return the refusal of a body whose fields are wrong: the first decides, all are named."""
    first = problems[0]
    is_named = not first.field or first.message.startswith(first.field)
    message = first.message if is_named else f"{first.field}: {first.message}"
    body = ErrorBody("invalid_request", message, first.fix, field=first.field, problems=tuple(problems))
    return Refusal(Answer(422, encode(body)))


def wrong_field(field: str, message: str, fix: str) -> Refusal:
    """Return the refusal of one wrong field."""
    return invalid([Problem(field, message, fix)])
