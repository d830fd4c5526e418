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


@pytest.mark.parametrize("server", CUTS, indirect=True)
def test_an_order_whose_answer_was_cut_may_have_been_taken(server: str, run):
    """It was said that nothing answers: who believes that sends the order again, under another id."""
    done = run("order", "buy", "5", "AAPL", "--id", "A1", "--url", server)
    assert done.code == Exit.UNREACHABLE
    assert f"{server} went away before it answered" in done.err
    assert "nobody knows whether it was done" in done.err
    assert "the same order with --id A1 may be sent again: it trades once" in done.err
    assert "nothing answers" not in done.err


@pytest.mark.parametrize("server", [0], indirect=True)
def test_a_look_whose_answer_was_cut_was_a_look(server: str, run):
    assert run("alerts", "--url", server).err.splitlines()[1:] == []


def test_what_never_left_was_not_done(run):
    done = run("order", "buy", "5", "AAPL", "--url", "http://127.0.0.1:1")
    assert (done.code, "nothing answers at" in done.err) == (Exit.UNREACHABLE, True)
    assert "nobody knows" not in done.err


@pytest.mark.parametrize("server", [len(WHOLE)], indirect=True)
def test_a_whole_answer_is_one(server: str):
    assert Client(server, 60.0).get("/api/positions").body == {"positions": []}
