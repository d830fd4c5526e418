"""The port that a daemon of a test is told to use stays its own, over all its lives."""

import socket
import sys

import pytest

from stopline.doors.native.serve import listen
from tests.acceptance.wire import HOST, HeldPort


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere two sockets do not share a port that way")
def test_a_held_port_is_given_to_nobody_and_can_be_listened_on_again_and_again():
    held = HeldPort()
    try:
        given = []
        for _ in range(200):
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind((HOST, 0))
                given.append(other.getsockname()[1])
        assert held.number not in given
        for _ in range(2):
            with listen(HOST, held.number) as listener, socket.create_connection((HOST, held.number), 60) as client:
                listener.setblocking(True)
                answered, _ = listener.accept()
                answered.close()
                assert client.recv(1) == b""
    finally:
        held.close()
