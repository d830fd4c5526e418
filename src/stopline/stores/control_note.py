"""Where the control door of a data directory is: written by the process that owns it, read by who wants to reach it."""

import msgspec
from msgspec import Struct

from stopline.stores.sqlite.layout import Layout, write_atomically


class Address(Struct, frozen=True, omit_defaults=True):
    """A socket in the file system, or a port on loopback with the secret to say first."""

    path: str = ""
    port: int = 0
    secret: str = ""

    def __str__(self) -> str:
        """Name the place, without the secret."""
        return self.path or f"127.0.0.1:{self.port}"


def remember(layout: Layout, address: Address) -> None:
    """Write it down for the owner of the directory only."""
    write_atomically(layout.control_note, msgspec.json.encode(address) + b"\n")


def find(layout: Layout) -> Address | None:
    """Return where it was said to be; None where nothing (or nothing readable) is written."""
    try:
        return msgspec.json.decode(layout.control_note.read_bytes(), type=Address)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError):
        return None


def forget(layout: Layout) -> None:
    """Take the note, and the socket, away."""
    layout.control_note.unlink(missing_ok=True)
    layout.control_socket.unlink(missing_ok=True)
