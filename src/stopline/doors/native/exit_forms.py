"""What a flatten and a kill may say: over HTTP, and through the control door."""

from typing import Final

from stopline.doors.native import fields
from stopline.doors.native.fields import Field, Form
from stopline.doors.native.stream import CANCEL_FORM
from stopline.model.limits import ScopeKind

ACCOUNT: Final = CANCEL_FORM["account"]
REASON: Final = Field(
    "reason",
    fields.text(fields.MAX_REASON),
    {"type": "string", "maxLength": fields.MAX_REASON, "description": "why; it is journaled"},
)
SCOPES: Final = {kind.value: kind for kind in (ScopeKind.ACCOUNT, ScopeKind.GROUP, ScopeKind.FIRM)}
FLATTEN_SCOPES: Final = {name: kind for name, kind in SCOPES.items() if kind is not ScopeKind.FIRM}
FLATTEN_FORM: Final = Form(
    {
        "account": ACCOUNT,
        "scope": Field(
            "scope",
            fields.choice(FLATTEN_SCOPES),
            {
                "type": "string",
                "enum": [*FLATTEN_SCOPES],
                "default": "account",
                "description": "the account, or every account of its group",
            },
        ),
        "symbol": Field("symbol", fields.name, {"type": "string", "description": "only this instrument"}),
        "reason": REASON,
    }
)
KILL_FORM: Final = Form(
    {
        "account": ACCOUNT,
        "scope": Field(
            "scope",
            fields.choice(SCOPES),
            {"type": "string", "enum": [*SCOPES], "default": "account", "description": "how wide"},
        ),
        "keep_positions": Field(
            "keep_positions",
            fields.flag,
            {"type": "boolean", "default": False, "description": "stop and cancel, but close nothing"},
        ),
        "reason": REASON,
    }
)
