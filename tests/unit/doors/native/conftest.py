from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from stopline.doors.native.app import create_app
from stopline.doors.native.edge import Edge
from stopline.model.limits import DEFAULT_LIMITS
from stopline.stores.sqlite.projections import SqliteProjections
from tests.build import World
from tests.twins.desk import TwinDesk


@pytest.fixture
def world() -> World:
    return World(limits=DEFAULT_LIMITS)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Iterator[TwinDesk]:
    projections = SqliteProjections(tmp_path / "projections.db")
    yield TwinDesk(world, projections)
    projections.close()


@pytest.fixture
def app(desk: TwinDesk) -> Edge:
    return create_app(desk)


@pytest.fixture
async def client(app: Edge) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 5001))
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8082") as made:
        yield made
