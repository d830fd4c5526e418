"""Alpaca's trading API as calls: one request each, sent once, with what a failure proves in its class.

Refused      (a BrokerRejected) an error answer: proof that it was not done.
Unreachable  (BrokerUnreachable) no connection: it did not leave.
RateLimited  429, or our own count of the budget: it was not taken.
all else     (SendOutcomeUnknown) no whole answer, 5xx, an answer that cannot be read.

Source     brokers.md section 2; semantics.md section 8 (a timeout is not a rejection).
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from msgspec import Struct

from stopline.brokers.alpaca.budget import TOO_MANY, Budget
from stopline.dialects.alpaca.account import ACCOUNT, CONFIGURATIONS, Account, Configurations
from stopline.dialects.alpaca.activities import ACTIVITY, Activity
from stopline.dialects.alpaca.assets import ASSET, Asset
from stopline.dialects.alpaca.clock import CLOCK, Clock
from stopline.dialects.alpaca.create import CreateOrder, render_create
from stopline.dialects.alpaca.errors import NOT_FOUND, ApiError, parse_error
from stopline.dialects.alpaca.exact_json import Json, Malformed, decode, encode
from stopline.dialects.alpaca.instants import write_instant
from stopline.dialects.alpaca.orders import Order, parse_order, parse_orders
from stopline.dialects.alpaca.positions import POSITION, Position
from stopline.dialects.alpaca.query import OrdersQuery, render_orders_query
from stopline.dialects.alpaca.quotes import FREE, ShareQuote, parse_latest
from stopline.dialects.alpaca.replace import ReplaceOrder, render_replace
from stopline.model.numbers import Nanos
from stopline.ports.broker import BrokerRejected, BrokerUnreachable, RateLimited, SendOutcomeUnknown
from stopline.ports.transport import Answer, NoAnswer, NotSent, Transport

T = TypeVar("T")
TIMEOUT_S = 8.0
"""For one request, all in all; less than the dispatcher waits."""
PAGE = 100
NOT_DONE = frozenset({400, 401, 403, 404, 405, 406, 410, 413, 414, 415, 422, 431})
"""Statuses that prove that a request was not carried out."""


class Keys(Struct, frozen=True):
    """What an account is opened with. It shows as stars, wherever it is printed."""

    key: str
    secret: str

    def __repr__(self) -> str:
        return "Keys(***)"


class Refused(BrokerRejected):
    """Alpaca said no."""

    def __init__(self, error: ApiError) -> None:
        self.error = error
        code = "" if error.code is None else f" ({error.code})"
        said = f"{error.message}{code}"
        super().__init__(f"Alpaca refuses the keys: {said}" if self.is_of_keys else said)

    @property
    def is_of_keys(self) -> bool:
        """Whether the keys are what it does not like: wrong ones are 403 without a code."""
        return self.error.status == 401 or (self.error.status == 403 and self.error.code is None)

    @property
    def is_absence(self) -> bool:
        """Whether it says that what was asked for is not there."""
        return self.error.status == 404 and self.error.code == NOT_FOUND


class AlpacaClient:
    """Requests for one account. `is_exit` (and every cancel) lets a request into the reserved lane."""

    def __init__(self, transport: Transport, url: str, keys: Keys, budget: Budget) -> None:
        self._transport, self._url, self.budget = transport, url.rstrip("/"), budget
        self._headers = {
            "APCA-API-KEY-ID": keys.key,
            "APCA-API-SECRET-KEY": keys.secret,
            "Content-Type": "application/json",
            "Accept": "application/json",
        }

    # --- what changes something ----------------------------------------------------------------

    async def place(self, order: CreateOrder, *, is_exit: bool) -> Order:
        """Send a new order."""
        return _read(
            parse_order, await self._call("POST", "/v2/orders", body=render_create(order), is_exit=is_exit, adds=1)
        )

    async def replace(self, order_id: str, change: ReplaceOrder, *, is_exit: bool) -> Order:
        """Put a new order in an order's place; returns the new one."""
        path = f"/v2/orders/{quote(order_id, safe='')}"
        return _read(parse_order, await self._call("PATCH", path, body=render_replace(change), is_exit=is_exit))

    async def cancel(self, order_id: str) -> None:
        """Ask for an order to be cancelled."""
        await self._call("DELETE", f"/v2/orders/{quote(order_id, safe='')}", is_exit=True)

    async def configure(self, change: Configurations) -> Configurations:
        """Change what the account's owner has set."""
        body = CONFIGURATIONS.render(change, with_nulls=False)
        answer = await self._call("PATCH", "/v2/account/configurations", body=body, is_exit=True)
        return _read(CONFIGURATIONS.parse, answer)

    # --- what only asks --------------------------------------------------------------------------

    async def order(self, order_id: str) -> Order | None:
        """Return an order; None where there is none."""
        return await self._find(f"/v2/orders/{quote(order_id, safe='')}", {}, parse_order)

    async def order_by_client_id(self, client_order_id: str) -> Order | None:
        """Return an order by its client_order_id; None where there is none."""
        return await self._find("/v2/orders:by_client_order_id", {"client_order_id": client_order_id}, parse_order)

    async def orders(self, query: OrdersQuery) -> tuple[Order, ...]:
        """Return a page of orders."""
        return _read(parse_orders, await self._call("GET", "/v2/orders", render_orders_query(query)))

    async def positions(self) -> tuple[Position, ...]:
        """Return what is held."""
        return _read(POSITION.parse_list, await self._call("GET", "/v2/positions"))

    async def account(self) -> Account:
        """Return the account's figures."""
        return _read(ACCOUNT.parse, await self._call("GET", "/v2/account"))

    async def clock(self) -> Clock:
        """Return what time it is at the market."""
        return _read(CLOCK.parse, await self._call("GET", "/v2/clock"))

    async def latest_quotes(self, symbols: Iterable[str]) -> tuple[ShareQuote, ...]:
        """Return the newest quotes of shares; only where market data is."""
        query = {"symbols": ",".join(symbols), "feed": FREE}
        return _read(parse_latest, await self._call("GET", "/v2/stocks/quotes/latest", query))

    async def asset(self, symbol: str) -> Asset | None:
        """Return what is known of a symbol; None where it is not listed."""
        return await self._find(f"/v2/assets/{quote(symbol, safe='')}", {}, ASSET.parse)

    async def activities(self, after: Nanos, kinds: str) -> list[Activity]:
        """Return all activities of some kinds (`FILL,CSD`) after an instant, oldest first."""
        query = {"after": write_instant(after), "direction": "asc", "page_size": str(PAGE), "activity_types": kinds}
        found: dict[str, Activity] = {}
        while True:
            page = _read(ACTIVITY.parse_list, await self._call("GET", "/v2/account/activities", query))
            is_news = any(each.id not in found for each in page)
            found |= {each.id: each for each in page}
            if len(page) < PAGE or not is_news:
                return list(found.values())
            query["page_token"] = page[-1].id

    async def _find(self, path: str, query: dict[str, str], read: Callable[[Json], T]) -> T | None:
        try:
            return _read(read, await self._call("GET", path, query))
        except Refused as refused:
            if refused.is_absence:
                return None
            raise

    # --- one request -------------------------------------------------------------------------------

    async def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Json = None,
        *,
        is_exit: bool = False,
        adds: int = 0,
    ) -> bytes:
        """Send one request; return its body, or raise what the answer proves."""
        url = f"{self._url}{path}" + (f"?{urlencode(query)}" if query else "")
        self.budget.begin(is_exit=is_exit, adds=adds)
        answer: Answer | None = None
        try:
            raw = None if body is None else encode(body)
            answer = await self._transport.request(method, url, self._headers, raw, TIMEOUT_S)
        except NotSent as error:
            raise BrokerUnreachable(f"Alpaca: {error}") from None
        except NoAnswer as error:
            raise SendOutcomeUnknown(f"Alpaca: {error}") from None
        finally:
            self.budget.end(*((answer.status, answer.headers) if answer else ()))
        return _accept(answer)


def _accept(answer: Answer) -> bytes:
    """Return the body of a good answer; raise what another one proves."""
    if 200 <= answer.status < 300:
        return answer.body
    error = parse_error(answer.status, answer.body)
    if answer.status == TOO_MANY:
        raise RateLimited(f"Alpaca: {error.message}")
    if answer.status in NOT_DONE:
        raise Refused(error)
    raise SendOutcomeUnknown(f"Alpaca: HTTP {answer.status}: {error.message}")


def _read(read: Callable[[Any], T], body: bytes) -> T:
    """Return what a good answer says. It was carried out: one that cannot be read proves nothing more."""
    try:
        return read(decode(body))
    except Malformed as fault:
        raise SendOutcomeUnknown(f"Alpaca's answer cannot be read: {fault}") from None
