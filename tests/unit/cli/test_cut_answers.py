"""An answer that was cut off anywhere is none: the emergency ladder goes on to its next rung."""

import socket
import threading
from collections.abc import Iterator

import pytest

from stopline.cli.client import Client
from stopline.cli.ladder.server import HttpRung
from stopline.cli.ladder.wanted import Lost, Wanted
from stopline.cli.outcome import Exit, Stop

WHOLE = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 16\r\n\r\n{"positions":[]}'
CUTS = [0, 5, 12, 17, 30, WHOLE.index(b"16"), WHOLE.index(b"{"), len(WHOLE) - 3]


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that sends so many bytes of an answer and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65536)
            line.sendall(WHOLE[: request.param])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread.join(60.0)
    listener.close()


@pytest.mark.parametrize("server", CUTS, indirect=True)
def test_a_cut_answer_is_none(server: str):
    with pytest.raises(Stop) as stopped:
        Client(server, 60.0).post("/api/kill", {})
    assert stopped.value.code is Exit.UNREACHABLE


@pytest.mark.parametrize("server", CUTS, indirect=True)
def test_a_cut_answer_is_no_rung(server: str):
    with pytest.raises(Lost):
        HttpRung(server, 60.0).plan(Wanted(word="kill", account="paper"))


@pytest.mark.parametrize("server", [len(WHOLE)], indirect=True)
def test_a_whole_answer_is_one(server: str):
    assert Client(server, 60.0).get("/api/positions").body == {"positions": []}
