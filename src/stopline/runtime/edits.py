"""Limits that somebody edited in the tables: they become changes of limits, and then the rows say what was decided.

An edit passes the same way as any other change: an armed account is loosened no faster
by it. A row that cannot be read, or whose change is refused or waits, is written back.
Limits of firms and groups have no row of their own account and are not taken from here.

Source     architecture.md promise 15; api.md (Background: within 10 s without restart).
"""

import asyncio
import logging
from typing import Protocol, TypeAlias

from stopline.messages.inputs import ChangeLimits, ChangeSymbolLimit
from stopline.messages.replies import Done
from stopline.model.limits import Limits, ScopeKind, SymbolLimit
from stopline.ports.desk import DeskUnavailable
from stopline.runtime.configured import SHARED
from stopline.runtime.follow import Follower
from stopline.runtime.loop import Loop
from stopline.state.view import StateView
from stopline.stores.projecting.edits import UnreadableRow, parse_limits, parse_symbol_limit
from stopline.stores.projecting.limits import limit_columns, symbol_columns
from stopline.stores.projecting.tables import Row

LOOK_EVERY_S = 4.0
ACTOR = "database"
SCOPES, SYMBOLS = "risk_limits", "position_limits"
Key: TypeAlias = tuple[str, str, str, str]
"""(table, account, scope or symbol, scope_id)."""
InForce: TypeAlias = dict[Key, Limits | SymbolLimit]
log = logging.getLogger(__name__)


class EditableTables(Protocol):
    """Projections whose rows of limits somebody may edit. Both are called on the projections' thread."""

    def edited(self, look_anyway: bool = False) -> dict[str, list[Row]] | None:
        """Return all rows of the limits tables if somebody else wrote to the file since the last look."""

    def overwrite(self, name: str, row: Row, is_there: bool = True) -> None:
        """Write one row back, or take it out."""


class Edits:
    """Looks for edited rows, and sees each through."""

    def __init__(
        self,
        loop: Loop,
        follower: Follower,
        tables: EditableTables,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._loop, self._follower, self._tables, self._every_s = loop, follower, tables, every_s
        self._look_anyway = True

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self.look()
            except DeskUnavailable as error:
                self._look_anyway = True
                log.info("edited limits wait: %s", error)
            except Exception:
                self._look_anyway = True
                log.exception("edited limits could not be read")
            await asyncio.sleep(self._every_s)

    async def look(self) -> None:
        """Take up what was edited since the last look."""
        before = await self._loop.look(lambda state, at: limits_in_force(state))
        anyway, self._look_anyway = self._look_anyway, False
        found = await self._follower.call(lambda: self._tables.edited(anyway))
        if found is None:
            return
        if self._loop.peek(lambda state, at: limits_in_force(state)) != before:
            self._look_anyway = True
            return
        rows: dict[Key, Row] = {}
        for row in found[SCOPES]:
            if row["scope"] not in SHARED:
                rows[SCOPES, str(row["account"]), str(row["scope"]), str(row["scope_id"])] = row
        for row in found[SYMBOLS]:
            rows[SYMBOLS, str(row["account"]), str(row["symbol"]), ""] = row
        for key, row in rows.items():
            await self._take_up(key, row, before.get(key))
        if before.keys() - rows.keys():
            log.warning(
                "rows of limits were deleted: the limits stand; `stopline journal rebuild` brings the rows back"
            )

    async def _take_up(self, key: Key, row: Row, in_force: Limits | SymbolLimit | None) -> None:
        if in_force is not None and _columns(in_force).items() <= row.items():
            return
        try:
            change = change_of(key, row)
        except ValueError as error:
            await self._put_back(key, row, in_force, str(error))
            return
        if (change.limits if isinstance(change, ChangeLimits) else change.limit) == in_force:
            await self._put_back(key, row, in_force, "it says the same in other words", logging.INFO)
            return
        reply = await self._loop.ask(change)
        if not isinstance(reply, Done):
            await self._put_back(key, row, in_force, getattr(reply, "message", "it waits for a second person"))
            return
        log.info("%s of %s was edited in the database: applied", key[0], " ".join(key[1:]))

    async def _put_back(
        self, key: Key, row: Row, in_force: Limits | SymbolLimit | None, why: str, level: int = logging.ERROR
    ) -> None:
        log.log(level, "%s of %s was edited in the database and is put back: %s", key[0], " ".join(key[1:]), why)
        right = row if in_force is None else {**row, **_columns(in_force)}
        await self._follower.call(lambda: self._tables.overwrite(key[0], right, in_force is not None))


def change_of(key: Key, row: Row) -> ChangeLimits | ChangeSymbolLimit:
    """Return the change that an edited row asks for; raises ValueError."""
    table, account, name, scope_id = key
    reason = f"edited in the table {table}"
    if table == SYMBOLS:
        limit = parse_symbol_limit(row)
        return ChangeSymbolLimit(account=account, symbol=name, limit=limit, reason=reason, actor=ACTOR)
    try:
        scope = ScopeKind(name)
    except ValueError:
        raise UnreadableRow(f"there is no scope {name!r}") from None
    return ChangeLimits(
        account=account, limits=parse_limits(row), scope=scope, scope_id=scope_id, reason=reason, actor=ACTOR
    )


def limits_in_force(state: StateView) -> InForce:
    """Return what the rows should say."""
    found: InForce = {}
    for name, account in state.accounts.items():
        for key, limits in account.limits.scopes.items():
            kind, _, scope_id = key.partition(":")
            found[SCOPES, name, kind, scope_id] = limits
        for symbol, limit in account.limits.symbols.items():
            found[SYMBOLS, name, symbol, ""] = limit
    return found


def _columns(limits: Limits | SymbolLimit) -> Row:
    return limit_columns(limits) if isinstance(limits, Limits) else symbol_columns(limits)
