"""The OpenAPI document is complete: every route, every answer, each with an example that its schema allows."""

import re
from html import escape
from typing import Any

import pytest

from stopline.doors.native.admin import BASELINE_FORM, CLOCK_FORM, RESOLVE_FORM
from stopline.doors.native.app import create_app
from stopline.doors.native.breakers import RESET_FORM, TRIP_FORM
from stopline.doors.native.commitment import APPROVE_FORM, ARM_FORM
from stopline.doors.native.docs import openapi
from stopline.doors.native.errors import encode
from stopline.doors.native.heartbeat_form import HEARTBEAT_FORM
from stopline.doors.native.limit_forms import LIMITS_FORM, SYMBOL_LIMIT_FORM
from stopline.doors.native.lockouts import LOCK_FORM, RELEASE_LOCK_FORM
from stopline.doors.native.order_form import ORDER_FORM
from stopline.doors.native.orders import REPLACE_FORM
from stopline.doors.native.positions import CLOSE_FORM, FLATTEN_FORM, KILL_FORM, RELEASE_FORM
from stopline.doors.native.risk import CHECK_FORM
from stopline.doors.native.rules import APPROVE_RULES_FORM
from stopline.doors.native.sizing import SIZE_FORM
from stopline.doors.native.stream import ANSWERS
from stopline.messages import inputs as i
from stopline.model.limits import DEFAULT_LIMITS
from stopline.model.rules import MaxContractsPerInstrumentTerms, Rules
from tests.build import World
from tests.twins.desk import TwinDesk
from tests.unit.doors.native.bodies import ROUTES, order, send
from tests.unit.doors.native.schema import faults
from tests.unit.doors.native.socket import Socket

DOCUMENT: dict[str, Any] = openapi(create_app(TwinDesk(World(limits=DEFAULT_LIMITS))).inner)
OPERATIONS = [(path, method, said) for path, methods in DOCUMENT["paths"].items() for method, said in methods.items()]
FORMS = {
    ("post", "/api/order"): ORDER_FORM,
    ("patch", "/api/order/{client_order_id}"): REPLACE_FORM,
    ("post", "/api/positions/{symbol}/close"): CLOSE_FORM,
    ("post", "/api/flatten"): FLATTEN_FORM,
    ("post", "/api/kill"): KILL_FORM,
    ("post", "/api/release"): RELEASE_FORM,
    ("put", "/api/risk/limits"): LIMITS_FORM,
    ("put", "/api/risk/position-limits/{symbol}"): SYMBOL_LIMIT_FORM,
    ("post", "/api/risk/circuit-breaker/reset"): RESET_FORM,
    ("post", "/api/risk/circuit-breaker/trip"): TRIP_FORM,
    ("post", "/api/rules/approve"): APPROVE_RULES_FORM,
    ("post", "/api/risk/lockout"): LOCK_FORM,
    ("post", "/api/risk/lockout/release"): RELEASE_LOCK_FORM,
    ("post", "/api/heartbeat"): HEARTBEAT_FORM,
    ("post", "/api/clock/trust"): CLOCK_FORM,
    ("post", "/api/risk/check"): CHECK_FORM,
    ("post", "/api/size"): SIZE_FORM,
    ("post", "/api/risk/proposals/approve"): APPROVE_FORM,
    ("post", "/api/risk/arm"): ARM_FORM,
    ("post", "/api/risk/baseline"): BASELINE_FORM,
    ("post", "/api/order/{client_order_id}/resolve"): RESOLVE_FORM,
}
each_operation = pytest.mark.parametrize(
    ("path", "method", "said"), OPERATIONS, ids=[f"{method} {path}" for path, method, _ in OPERATIONS]
)


def concrete(path: str) -> str:
    return path.replace("{client_order_id}", "T-1").replace("{symbol}", "AAPL")


def test_it_lists_every_route_and_no_other():
    assert sorted((method.upper(), concrete(path)) for path, method, _ in OPERATIONS) == sorted(ROUTES)


def test_every_reference_leads_somewhere_and_every_schema_is_used():
    text = repr(DOCUMENT)
    named = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert named == set(DOCUMENT["components"]["schemas"])


def test_operation_ids_are_unique():
    ids = [said["operationId"] for _, _, said in OPERATIONS]
    assert len(set(ids)) == len(ids)


@each_operation
def test_every_operation_says_what_it_is_and_has_an_example_of_each_answer(path, method, said):
    assert said["summary"]
    assert said["description"]
    assert len(said["tags"]) == 1
    statuses = set(said["responses"])
    assert "422" in statuses
    assert statuses & {"200", "201"}
    for status, answer in said["responses"].items():
        assert answer["description"]
        content = answer["content"]["application/json"]
        assert content["example"] is not None
        assert faults(content["schema"], content["example"], DOCUMENT) == [], status


@each_operation
def test_every_parameter_is_described(path, method, said):
    parameters = said.get("parameters", [])
    assert {p["name"] for p in parameters if p["in"] == "path"} == set(re.findall(r"{(\w+)}", path))
    assert all(p.get("description") for p in parameters)


@each_operation
async def test_the_body_is_what_the_form_reads(path, method, said):
    form = FORMS.get((method, path))
    assert (form is None) == ("requestBody" not in said)
    if form is not None:
        content = said["requestBody"]["content"]["application/json"]
        assert content["schema"]["properties"].keys() == form.keys()
        assert all(schema["description"] for schema in content["schema"]["properties"].values())
        assert content["schema"].get("required", []) == [key for key, field in form.items() if field.required]
        assert faults(content["schema"], content["example"], DOCUMENT) == []


@each_operation
async def test_what_the_door_answers_is_what_the_document_says(client, world, path, method, said):
    """Ask for real, with the documented example as the body; the answer must fit its schema."""
    world.quote("AAPL", "174.99", "175.01", "175")
    world.hold("3", price="175")
    await send(client)
    world.accept("T-1")
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    if body is not None:
        body = {**body, **({"account": "A1"} if "account" in body else {})}
    response = await client.request(method.upper(), concrete(path), **({} if body is None else {"json": body}))
    assert str(response.status_code) in said["responses"], response.text
    schema = said["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
    assert faults(schema, response.json(), DOCUMENT) == []
    assert response.status_code < 500


async def test_an_accepted_order_with_everything_fits_its_schema(client):
    response = await send(client, tags="x", strategy="s", extended_hours=True)
    schema = DOCUMENT["paths"]["/api/order"]["post"]["responses"]["201"]["content"]["application/json"]["schema"]
    assert faults(schema, response.json(), DOCUMENT) == []


async def test_the_document_and_the_page_are_served_without_anything_from_elsewhere(client):
    response = await client.get("/openapi.json")
    assert response.json()["openapi"].startswith("3.1")
    page = await client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "script" not in page.text
    assert "http" not in page.text.replace("https://json-schema", "")
    assert "style-src 'sha256-" in page.headers["content-security-policy"]
    for path, method, said in OPERATIONS:
        assert escape(said["summary"]) in page.text, (method, path)


async def test_the_page_says_what_each_route_takes(client):
    """docs/paper.md sends people there for the fields of an order, and they were in openapi.json alone."""
    page = (await client.get("/docs")).text
    assert '<meta name="viewport"' in page
    for _, _, said in OPERATIONS:
        body = said.get("requestBody", {}).get("content", {}).get("application/json", {})
        for name, schema in body.get("schema", {}).get("properties", {}).items():
            assert f"<dt><code>{name}</code>" in page
            assert escape(schema.get("description", "").removesuffix(".")) in page
        if "example" in body:
            assert escape(encode(body["example"]).decode()) in page
    assert "<dt><code>client_order_id</code> (needed)</dt>" in page
    assert "; one of BUY, SELL</dd>" in page
    assert "; one of DAY, GTC, IOC, FOK, GTD, OPG, CLS; if left out &quot;DAY&quot;</dd>" in page


def test_no_answer_to_an_order_is_429():
    assert not [path for path, _, said in OPERATIONS if "429" in said["responses"]]


STREAM = DOCUMENT["x-stream"]


@pytest.mark.parametrize("kind", STREAM["server"])
def test_every_message_of_the_stream_has_an_example_that_fits(kind):
    said = STREAM["server"][kind]
    assert said["description"]
    assert faults(said["data"], said["example"], DOCUMENT) == []


async def test_the_stream_says_nothing_that_the_document_does_not(desk, client):
    made = create_app(desk, tick_s=0.02)
    made.door.hub.start()
    world, seen = desk.world, set()
    world.quote("AAPL", "174.99", "175.01", "175")
    async with Socket(made) as socket:

        async def hear_until(*kinds: str) -> None:
            while not seen.issuperset(kinds):
                message = await socket.hear()
                seen.add(message["type"])
                schema = STREAM["server"][message["type"]]["data"]
                assert faults(schema, message["data"], DOCUMENT) == [], message

        socket.say(type="RESUME", seq=1)
        await hear_until("GAP", "SNAPSHOT")
        socket.say_text("{")
        socket.say(type="ORDER_SUBMIT", data=order())
        await hear_until("ERROR", "ORDER_DECISION", "ORDER")
        socket.say(type="ORDER_CANCEL", data={"client_order_id": "T-1"})
        await send(client, client_order_id="T-2", quantity=100)
        socket.say(type="HEARTBEAT", data={"strategy": "trend", "timeout_s": 5})
        most = MaxContractsPerInstrumentTerms(limit=1 * 10**9)
        world.step(i.ChangeRules(account="A1", rules=Rules(max_contracts_per_instrument=most)))
        await client.post("/api/risk/circuit-breaker/trip")
        world.bust(world.hold("3", price="174"))
        world.hold("2", price="174")
        desk.publish()
        await hear_until(*(set(STREAM["server"]) - {"RESUMED"}))
    await made.door.hub.stop()


def test_what_a_client_may_say_is_described():
    assert set(STREAM["client"]) == {"ORDER_SUBMIT", "ORDER_CANCEL", "HEARTBEAT", "RESUME"}
    assert set(STREAM["query"]) == {"account", "since", "answers_only"}


@pytest.mark.parametrize("kind", STREAM["client"])
async def test_every_message_of_a_client_has_an_example_that_fits_and_is_taken(kind, desk):
    said = STREAM["client"][kind]
    assert faults(said["message"], said["example"], DOCUMENT) == []
    assert faults(said["message"], {"type": kind}, DOCUMENT) != [], "its body is required"
    made = create_app(desk, tick_s=3600)
    made.door.hub.start()
    async with Socket(made) as socket:
        await socket.hear()
        socket.say(**said["example"])
        wanted = ANSWERS.get(kind, "GAP")
        answer = await socket.hear()
        while answer["type"] in ("ORDER", "POSITION", "STATE", "RISK_ALERT"):
            answer = await socket.hear()
        assert answer["type"] == wanted
        assert faults(STREAM["envelope"], answer, DOCUMENT) == []
        assert answer.get("status") != 422
    await made.door.hub.stop()


def test_the_bodies_over_the_socket_are_those_of_http():
    over_http = DOCUMENT["paths"]["/api/order"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert STREAM["client"]["ORDER_SUBMIT"]["message"]["properties"]["data"] == over_http
