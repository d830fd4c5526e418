"""The native door, put together: `create_app(desk)` is an ASGI application on one desk.

FastAPI serves everything but order entry and the stream, which are raw (submit.py,
stream.py). Nothing here binds a socket: that is serve.py.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from stopline.doors.native import (
    account,
    admin,
    bots,
    breakers,
    commitment,
    docs,
    health,
    limits,
    lockouts,
    obligations,
    orders,
    positions,
    risk,
    rules,
    sizing,
    status_page,
)
from stopline.doors.native.edge import STREAM_PATH, Edge
from stopline.doors.native.errors import Refusal, error, internal_error, wrong_field
from stopline.doors.native.hub import LINGER_S, TICK_S, Hub
from stopline.doors.native.query import refuse_unknown_parameters
from stopline.doors.native.submit import PATH as SUBMIT_PATH
from stopline.doors.native.web import Door, response
from stopline.ports.desk import Desk

ROUTERS = (
    orders.router,
    positions.router,
    account.router,
    limits.router,
    commitment.router,
    risk.router,
    sizing.router,
    breakers.router,
    rules.router,
    lockouts.router,
    obligations.router,
    bots.router,
    admin.router,
    health.router,
    docs.router,
    status_page.router,
)

UPGRADE = ((b"upgrade", b"websocket"), (b"connection", b"upgrade"))


def create_app(
    desk: Desk, *, allowed_hosts: Iterable[str] = (), tick_s: float = TICK_S, linger_s: float = LINGER_S
) -> Edge:
    """Return the door of a desk."""
    door = Door(desk, Hub(desk, tick_s=tick_s, linger_s=linger_s))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        door.hub.start()
        try:
            yield
        finally:
            await door.hub.stop()

    app = FastAPI(
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(refuse_unknown_parameters)],
        exception_handlers={
            Refusal: _refused,
            RequestValidationError: _unreadable,
            HTTPException: _not_served,
            Exception: _failed,
        },
    )
    app.state.door, app.state.routers = door, ROUTERS
    for router in ROUTERS:
        app.include_router(router)
    return Edge(app, door, allowed_hosts=allowed_hosts)


async def _refused(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, Refusal)
    return response(fault.answer)


async def _unreadable(request: Request, fault: Exception) -> Response:
    """FastAPI could not read a parameter: said in our own form."""
    assert isinstance(fault, RequestValidationError)
    first = fault.errors()[0]
    return response(wrong_field(str(first["loc"][-1])[:64], str(first["msg"]), "see /docs").answer)


async def _not_served(request: Request, fault: Exception) -> Response:
    """No such path, or not with this method."""
    assert isinstance(fault, HTTPException)
    path = ascii(request.url.path)[:120]
    methods = ", ".join(sorted(_methods_at(request)))
    if not methods and request.url.path == STREAM_PATH:
        text = f"{path} is a WebSocket, and this was plain HTTP"
        return response(
            error(426, "upgrade_required", text, f"connect to ws://{request.headers['host']}{STREAM_PATH}", UPGRADE)
        )
    if not methods:
        return response(error(404, "not_found", f"there is nothing at {path}", "see /docs"))
    text = f"{path} does not take {ascii(request.method)[:20]}"
    return response(error(405, "method_not_allowed", text, f"it takes {methods}", ((b"allow", methods.encode()),)))


def _methods_at(request: Request) -> set[str]:
    """Return what the path takes, over all routes."""
    if request.url.path == SUBMIT_PATH:
        return {"POST"}
    routes = (route for router in ROUTERS for route in router.routes if isinstance(route, Route))
    here = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    methods = {method for route in here for method in route.methods or ()}
    return methods | {"HEAD"} if "GET" in methods else methods


async def _failed(request: Request, fault: Exception) -> Response:
    """A fault of ours: logged by the edge, and said without its inside."""
    return response(internal_error())
