"""/openapi.json, and /docs: a plain page made from it, without a script and without anything from elsewhere."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from stopline import __version__
from stopline.doors.native import submit
from stopline.doors.native.errors import encode
from stopline.doors.native.pages import schemas
from stopline.doors.native.stream_docs import described
from stopline.doors.native.web import JSON

router = APIRouter()
DESCRIPTION: Final = """\
The risk line between traders and their brokers. Every order is decided here before it leaves.

Money and prices are read exactly, from JSON numbers or strings, and answered as decimal strings; only limits,
daily P&L, position limits and three stream messages hold JSON numbers. Errors are `{error, message, fix}`.

The stream is a WebSocket at `/ws` (`x-stream` below): a SNAPSHOT first, then everything that happens, each message
`{type, data, timestamp, account, seq}`. Come back with `?since=<seq>`. Orders go over the same socket:
the fastest way in. `?answers_only=true` is for who only sends orders: nothing but the answers to them is sent."""
TAGS: Final = [
    {"name": "orders", "description": "Send, look, change, cancel."},
    {"name": "positions", "description": "What is held, and the ways out."},
    {"name": "account", "description": "What it is worth and what is left."},
    {"name": "risk", "description": "Limits, breakers, alerts, what-if."},
    {"name": "health", "description": "The process itself."},
]
STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { border-bottom: 1px solid #8886; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
dt { margin-top: 1rem; }
dd { margin-left: 2rem; }
"""
STYLE_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
PAGE_CSP: Final = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the whole document: FastAPI's routes, the raw order route, and the records they answer with."""
    document: dict[str, Any] = get_openapi(
        title="Stopline", version=__version__, description=DESCRIPTION, routes=app.routes, tags=TAGS
    )
    paths = {submit.PATH: {"post": submit.documented()}, **document["paths"]}
    components = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        components.pop(unused, None)
    stream = described()
    components |= schemas()
    for router in app.state.routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                _as_written(paths[route.path_format], route)
    return {**document, "paths": paths, "x-stream": stream}


def _as_written(methods: dict[str, Any], route: APIRoute) -> None:
    """Put a route's answers and body into the document as they were written: FastAPI drops nulls from examples."""
    for method in route.methods or ():
        said = methods[method.lower()]
        said["responses"] = {str(status): answer for status, answer in route.responses.items()}
        said |= route.openapi_extra or {}


@router.get("/openapi.json", include_in_schema=False)
async def get_openapi_document(request: Request) -> Response:
    """Return the OpenAPI document."""
    return Response(encode(openapi(request.app)), media_type=JSON)


@router.get("/docs", include_in_schema=False)
async def get_docs(request: Request) -> Response:
    """Return the routes as a page."""
    page = docs_page(openapi(request.app))
    return Response(page, media_type="text/html", headers={"content-security-policy": PAGE_CSP})


def docs_page(document: dict[str, Any]) -> str:
    """Return a page that lists every route."""
    parts = [
        "<!doctype html><html lang=en><head><meta charset=utf-8>",
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Stopline</title>',
        f"<style>{STYLE}</style></head><body><h1>Stopline {escape(__version__)}</h1>",
        *(f"<p>{escape(text)}</p>" for text in DESCRIPTION.split("\n\n")),
        '<p>All of it, with schemas and examples: <a href="/openapi.json">/openapi.json</a></p>',
    ]
    for tag in TAGS:
        parts.append(f"<h2>{escape(tag['name'])}</h2><p>{escape(tag['description'])}</p><dl>")
        for path, methods in document["paths"].items():
            parts += [
                f"<dt><code>{method.upper()} {escape(path)}</code> {escape(said['summary'])}</dt>"
                f"<dd>{escape(said['description'])}{_takes(said)}</dd>"
                for method, said in methods.items()
                if said["tags"] == [tag["name"]]
            ]
        parts.append("</dl>")
    parts += ["<h2>stream</h2><p>The WebSocket at <code>/ws?account=&amp;since=&amp;answers_only=</code>.</p><dl>"]
    for heading, said in (("says", document["x-stream"]["server"]), ("hears", document["x-stream"]["client"])):
        for kind, what in said.items():
            example = escape(encode(what["example"]).decode())
            parts.append(f"<dt><code>{kind}</code> (the server {heading} it)</dt>")
            parts.append(f"<dd>{escape(what['description'])}<br><code>{example}</code></dd>")
    return "".join([*parts, "</dl></body></html>"])


def _takes(said: dict[str, Any]) -> str:
    """Return what a route takes: its parameters, the keys of its body, and a body that is right."""
    body = said.get("requestBody", {}).get("content", {}).get(JSON, {})
    keys, needed = body.get("schema", {}).get("properties", {}), body.get("schema", {}).get("required", ())
    fields = [_field(each["name"], each["schema"], is_needed=each["required"]) for each in said.get("parameters", ())]
    fields += [_field(name, schema, is_needed=name in needed) for name, schema in keys.items()]
    if not fields:
        return ""
    example = f"<p>Such as <code>{escape(encode(body['example']).decode())}</code></p>" if "example" in body else ""
    return f"<details><summary>takes</summary><dl>{''.join(fields)}</dl>{example}</details>"


def _field(name: str, schema: dict[str, Any], *, is_needed: bool) -> str:
    words = f"; one of {', '.join(map(str, schema['enum']))}" if "enum" in schema else ""
    usual = f"; if left out {encode(schema['default']).decode()}" if schema.get("default") is not None else ""
    told = escape(f"{schema.get('description', '').removesuffix('.')}{words}{usual}")
    return f"<dt><code>{escape(name)}</code>{' (needed)' if is_needed else ''}</dt><dd>{told}</dd>"
