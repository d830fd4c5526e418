"""The four words: kill, flatten, cancel_all, status. Each asks the desk, as its HTTP route does."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from stopline.doors.native.context import ACTOR, only_account, see
from stopline.doors.native.errors import Answer, Refusal, encode, error, wrong_field
from stopline.doors.native.exit_forms import ACCOUNT, FLATTEN_FORM, KILL_FORM
from stopline.doors.native.fields import Form, read_form
from stopline.doors.native.parse import parse_object
from stopline.doors.native.respond import respond, unavailable
from stopline.messages.inputs import Flatten, Input, Kill
from stopline.model.limits import ScopeKind
from stopline.model.numbers import Nanos
from stopline.ports.desk import Desk, DeskUnavailable
from stopline.runtime.way_out import cancel_all
from stopline.state.view import StateView
from stopline.views.standing import accounts_in, standing_of

Word = Callable[[Desk, dict[str, Any]], Awaitable[Answer]]
ACCOUNT_FORM: Final = Form({"account": ACCOUNT})
STATUS_FORM: Final = Form({"account": ACCOUNT, "scope": KILL_FORM["scope"]})


async def answer(desk: Desk, line: bytes) -> Answer:
    """Return the answer to one request; what cannot be read is refused like an HTTP body."""
    try:
        asked = parse_object(line)
        word = asked.pop("word", None)
        if not isinstance(word, str) or word not in WORDS:
            raise wrong_field("word", "is none that this door speaks", f"one of {', '.join(WORDS)}")
        form, do = WORDS[word]
        found = read_form(form, asked)
        found["account"] = _need_account(desk, found.get("account", ""))
        return await do(desk, found)
    except Refusal as refusal:
        return refusal.answer
    except DeskUnavailable as fault:
        return unavailable(fault)


def _need_account(desk: Desk, named: str) -> str:
    """Return the account that is meant: the one named, or the only one. Raises Refusal."""
    known = desk.peek(lambda state, at: sorted(state.accounts))
    found = named or desk.peek(only_account)
    if not found:
        text = "there is not exactly one account here"
        raise wrong_field("account", text, f"say which one: {', '.join(known) or 'none yet'}")
    if found not in known:
        text = f"there is no account {ascii(found)[:80]}"
        raise Refusal(error(404, "unknown_account", text, f"accounts here: {', '.join(known) or 'none yet'}"))
    return found


async def _ask(desk: Desk, message: Input) -> Answer:
    return respond(desk, await desk.ask(message))


async def _kill(desk: Desk, found: dict[str, Any]) -> Answer:
    return await _ask(desk, Kill(actor=ACTOR, **found))


async def _flatten(desk: Desk, found: dict[str, Any]) -> Answer:
    return await _ask(desk, Flatten(actor=ACTOR, **found))


async def _cancel_all(desk: Desk, found: dict[str, Any]) -> Answer:
    canceled = await cancel_all(desk, found["account"], actor=ACTOR)
    return Answer(200, encode({"canceling": canceled.asked, "not_canceled": canceled.refused}))


async def _status(desk: Desk, found: dict[str, Any]) -> Answer:
    def view(state: StateView, at: Nanos) -> dict[str, Any]:
        scope = found.get("scope", ScopeKind.ACCOUNT)
        accounts = [standing_of(each, state) for each in accounts_in(state, found["account"], scope)]
        return {"account": found["account"], "epoch": state.epoch, "seq": state.seq, "accounts": accounts}

    return Answer(200, encode(await see(desk, view)))


WORDS: Final[Mapping[str, tuple[Form, Word]]] = {
    "kill": (KILL_FORM, _kill),
    "flatten": (FLATTEN_FORM, _flatten),
    "cancel_all": (ACCOUNT_FORM, _cancel_all),
    "status": (STATUS_FORM, _status),
}
