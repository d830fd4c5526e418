from collections.abc import AsyncIterator

import pytest

from tests.unit.runtime.rig import Rig


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    made = await Rig().start()
    yield made
    await made.stop()
