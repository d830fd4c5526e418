"""The page at / only looks, and takes nothing from elsewhere."""

import re

import pytest

from stopline.cli.verdict import RATIOS_AS_FACTORS

FILES = {"/": "text/html", "/status.js": "text/javascript", "/status.css": "text/css"}


@pytest.mark.parametrize(("path", "kind"), FILES.items())
async def test_the_page_is_three_files_of_ours(client, path, kind):
    response = await client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(kind)
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';")
    assert "unsafe" not in policy
    assert not re.search(r"(https?:)?//[a-z]", response.text.replace("${scheme}://${location.host}", ""))


async def test_everything_the_page_asks_for_is_there(client):
    page, script = (await client.get("/")).text, (await client.get("/status.js")).text
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', page):
        assert (await client.get(path)).status_code == 200, path
    asked = set(re.findall(r'get\("(/[a-z/]+)"', script))
    assert {"/api/account", "/api/headroom", "/api/positions", "/api/orders", "/api/risk/alerts", "/health"} <= asked
    for path in asked:
        assert (await client.get(path)).status_code == 200, path
    ids = set(re.findall(r'id="([a-z-]+)"', page))
    assert set(re.findall(r'\$\("([a-z]+)"\)', script)) <= ids
    assert set(re.findall(r'table\("([a-z]+)"', script)) <= ids


async def test_the_page_acts_on_nothing_and_puts_no_markup_together(client):
    page, script = (await client.get("/")).text, (await client.get("/status.js")).text
    assert "<script>" not in page
    assert not re.search(r"<[^>]+ on[a-z]+=", page)
    for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "method:", '"POST"', "send("):
        assert word not in script


async def test_the_page_shows_of_orders_what_the_api_says(client, world):
    """Each field that the script reads of an order is one that the API documents, and the kept ones are read."""
    script = (await client.get("/status.js")).text
    shown = (await client.get("/openapi.json")).json()["components"]["schemas"]["OrderBody"]["properties"]
    orders = script[script.index("function asked(row)") : script.index("async function get(")]
    orders += script[script.index('table("orders"') : script.index('table("alerts"')]
    read = set(re.findall(r"row\.([a-z_]+)", orders))
    assert read <= shown.keys(), read - shown.keys()
    assert {"handling", "waits_for", "sent_as", "asked_qty", "cancel_after_s", "on_partial_fill", "expire_at"} <= read


async def test_contracts_are_no_percentage(client):
    """Five contracts were shown as 500.0 %: the page reads as factors what the command line does."""
    script = (await client.get("/status.js")).text
    found = re.search(r"const PLAIN_RATIOS = \[([^\]]*)\]", script)
    assert found and set(re.findall(r'"([a-z_]+)"', found[1])) == RATIOS_AS_FACTORS
    assert "PLAIN_RATIOS.includes(row.check)" in script


async def test_figures_that_stand_still_are_not_called_live(client):
    """Heard of and shown: while the lists could not be asked for, the page went on to say live."""
    script, style = (await client.get("/status.js")).text, (await client.get("/status.css")).text
    assert "Math.min(lastHeard, lastShown)" in script
    assert 'classList.toggle("stale", isStale)' in script and ".stale main {" in style
    shown = script.index("lastShown = Date.now()")
    assert script.index("await Promise.all([") < shown < script.index("showAccount(account);"), (
        "only once it is all there"
    )
    assert script.count('say("live")') == 1


async def test_an_alert_is_read_out_when_it_changes_and_not_four_times_a_second(client):
    page, script = (await client.get("/")).text, (await client.get("/status.js")).text
    assert '<div id="banner" role="alert">' in page
    banner = script[script.index("function showBanner(") : script.index("// A length of time")]
    assert banner.index("if (news === inBanner) return;") < banner.index('$("banner").replaceChildren()')
    assert script.count('$("banner").replaceChildren()') == 1
    assert 'left.setAttribute("aria-live", "off")' in banner, "the countdown is not read out"


async def test_the_headroom_tells_a_rule_from_a_limit_and_where_it_acts(client):
    script = (await client.get("/status.js")).text
    shown = (await client.get("/openapi.json")).json()["components"]["schemas"]["HeadroomBody"]["properties"]
    rows = script[script.index('table("headroom"') : script.index('table("positions"')]
    read = set(re.findall(r"row\.([a-z_]+)", rows))
    assert {"check", "kind", "acts_at", "left"} <= read <= shown.keys()


async def test_what_is_wrong_with_stopline_itself_is_shown(client):
    """A feed that failed, a disk that fills, a settings file that is not applied: only /health had it."""
    script = (await client.get("/status.js")).text
    assert '$("problems").textContent = (health.problems ?? []).join("; ")' in script
    assert '<p id="problems" class="warn">' in (await client.get("/")).text
