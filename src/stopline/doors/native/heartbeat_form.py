"""What a bot says when it says that it lives: over HTTP, and on its socket.

Source     issue 4 (groups and bots); reliability.md N1.
"""

from typing import Any, Final

from stopline.doors.native import fields
from stopline.doors.native.context import ACTOR
from stopline.doors.native.errors import wrong_field
from stopline.doors.native.fields import Field, Form, read_form
from stopline.messages.inputs import Heartbeat

HEARTBEAT_FORM: Final = Form(
    {
        "account": Field("account", fields.name, {"type": "string", "description": "whose orders"}),
        "strategy": Field(
            "strategy",
            fields.name,
            {"type": "string", "description": "a bot is all orders of this strategy"},
        ),
        "client": Field(
            "client",
            fields.name,
            {"type": "string", "description": "or all orders that came under this X-Client-Id"},
        ),
        "timeout_s": Field(
            "timeout_s",
            fields.limit_seconds,
            {
                "type": ["string", "number"],
                "description": "how long it may be silent, 1 to 3600; 0: it takes its leave",
            },
            required=True,
        ),
    }
)
HEARTBEAT_EXAMPLE: Final = {"strategy": "trend", "timeout_s": 30}


def read_heartbeat(body: dict[str, Any], account: str) -> Heartbeat:
    """Return what a bot says; `account` is meant where it names none. Raises Refusal."""
    found = read_form(HEARTBEAT_FORM, body)
    named = [f"{kind}:{found[kind]}" for kind in ("strategy", "client") if kind in found]
    if len(named) != 1:
        raise wrong_field(
            "strategy", "a bot is a strategy or a client", 'send one of them, such as "strategy": "trend"'
        )
    meant = found.get("account") or account
    if not meant:
        raise wrong_field("account", "there is not exactly one account here", "say which one")
    return Heartbeat(account=meant, bot=named[0], timeout=found["timeout_s"], actor=ACTOR)
