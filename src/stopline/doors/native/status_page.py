"""The page at /: accounts, headroom, positions, orders and alerts, to look at. It acts on nothing.

Three files, served from here and from nowhere else; the policy lets the browser load
those, speak to this door, and nothing besides.
"""

from functools import cache
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Response

router = APIRouter()
_FILES: Final = files("stopline.doors.native") / "page"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@cache
def _content(name: str) -> bytes:
    return (_FILES / name).read_bytes()


def _file(name: str, kind: str) -> Response:
    return Response(_content(name), media_type=kind, headers={"content-security-policy": POLICY})


@router.get("/", include_in_schema=False)
async def get_page() -> Response:
    """Return the page."""
    return _file("status.html", "text/html")


@router.get("/status.js", include_in_schema=False)
async def get_script() -> Response:
    """Return its script."""
    return _file("status.js", "text/javascript")


@router.get("/status.css", include_in_schema=False)
async def get_style() -> Response:
    """Return its style."""
    return _file("status.css", "text/css")
