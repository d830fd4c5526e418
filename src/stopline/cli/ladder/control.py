"""The rung of the control door: the process that has the data directory is asked through its own socket."""

import json
import socket
import time

from stopline.cli.client import MAX_ANSWER, Answer, Body
from stopline.cli.ladder.wanted import Lost, Wanted
from stopline.stores.control_note import Address


class ControlRung:
    """The control door of the process that has the data directory."""

    name = "control"

    def __init__(self, address: Address, timeout_s: float) -> None:
        self.place = str(address)
        self._address, self._timeout_s = address, timeout_s

    def account(self, named: str) -> str:
        """Return the account that is meant."""
        return str(self._ask("status", {"account": named} if named else {}).or_stop()["account"])

    def plan(self, wanted: Wanted) -> list[str]:
        """Return what is held and worked."""
        asked = {"account": wanted.account, "scope": wanted.scope}
        lines = []
        for each in self._ask("status", asked).or_stop()["accounts"]:
            lines += [f"  {each['account']}  {one['symbol']}: {one['side']} {one['qty']}" for one in each["positions"]]
            lines.append(f"  {each['account']}  {len(each['orders'])} working orders")
        return lines

    def do(self, wanted: Wanted) -> Body:
        """Ask for it."""
        return self._ask(wanted.word, wanted.body()).or_stop()

    def _ask(self, word: str, body: Body) -> Answer:
        line = json.dumps({"word": word, **body}).encode() + b"\n"
        if self._address.secret:
            line = self._address.secret.encode() + b"\n" + line
        try:
            said = json.loads(self._exchange(line), parse_float=str)
            return Answer(said["status"], said["body"])
        except TimeoutError:
            raise Lost(f"{self.place} did not answer within {self._timeout_s:g} s", is_silent=True) from None
        except OSError as error:
            raise Lost(f"nothing answers at {self.place} ({error.strerror or error})") from None
        except (ValueError, KeyError, TypeError):
            raise Lost(f"{self.place} does not answer as a Stopline does") from None

    def _exchange(self, line: bytes) -> bytes:
        """Send a request and return its answer, all of it within the time there is."""
        until = time.monotonic() + self._timeout_s
        with self._connect() as connection:
            connection.sendall(line)
            said = b""
            while not said.endswith(b"\n") and len(said) < MAX_ANSWER:
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                connection.settimeout(left)
                part = connection.recv(65536)
                if not part:
                    break
                said += part
            return said

    def _connect(self) -> socket.socket:
        if not self._address.path:
            return socket.create_connection(("127.0.0.1", self._address.port), self._timeout_s)
        connection = socket.socket(getattr(socket, "AF_UNIX", socket.AF_INET), socket.SOCK_STREAM)
        try:
            connection.settimeout(self._timeout_s)
            connection.connect(self._address.path)
        except BaseException:
            connection.close()
            raise
        return connection
