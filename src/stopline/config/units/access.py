"""Where a broker is, and what proves who one is."""

import re
from typing import Final

from stopline.config.units.text import Unfit, text_of

_SIMULATOR: Final = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\]):[0-9]{1,5}", re.ASCII)


def read_environment(value: object) -> str:
    """Return `paper`, `live`, or the address of a simulator: keys go to nobody else."""
    fix = "write paper, live, or the address of a simulator on this machine such as http://127.0.0.1:8801"
    text = text_of(value, fix)
    if text not in ("paper", "live") and not _SIMULATOR.fullmatch(text):
        raise Unfit(f"{text!r} is no environment of Alpaca's", fix)
    return text


def read_secret(value: object) -> str:
    """Read a secret; what it is stands in no message."""
    fix = "write ${NAME}, and set NAME in the environment to at least 16 printable characters"
    text = text_of(value, fix)
    if not (len(text) >= 16 and text.isascii() and text.isprintable()):
        raise Unfit("is no secret that is hard to guess", fix)
    return text


def read_sha256(value: object) -> str:
    """Read the SHA-256 of a secret."""
    fix = "write 64 hex digits: printf %s SECRET | sha256sum"
    text = text_of(value, fix).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", text, re.ASCII):
        raise Unfit("is no SHA-256", fix)
    return text
