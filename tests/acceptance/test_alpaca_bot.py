"""The example of docs/doors/alpaca.md as a user runs it: two processes, a bot with a bug, and a limit."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.acceptance.wire import HeldPort, Line, NoAnswer

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE_S = 60.0
SECRET = "the-secret-of-the-buggy-bot"


def wait_ready(line: Line) -> None:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            if line.ask("GET", "/ready").status == 200:
                return
        except NoAnswer:
            pass
        time.sleep(0.05)
    raise AssertionError("Stopline did not become ready")


def test_the_bot_of_the_example_is_stopped_and_leaves(tmp_path: Path):
    native, door = HeldPort(), HeldPort()
    config = tmp_path / "stopline.yaml"
    config.write_text((EXAMPLES / "stopline.yaml").read_text().replace("8083", str(door.number)))
    environ = os.environ | {"BOT_KEY": "SLBUGGY", "BOT_SECRET": SECRET}
    command = [sys.executable, "-m", "stopline", "run", "--config", str(config), "--port", str(native.number)]
    log = tmp_path / "stopline.log"
    with log.open("ab") as sink:
        stopline = subprocess.Popen(
            [*command, "--data-dir", str(tmp_path / "data")], stdout=sink, stderr=sink, env=environ
        )
    try:
        with Line(native.number) as line:
            wait_ready(line)
            bot = subprocess.run(
                [sys.executable, str(EXAMPLES / "alpaca_bot.py"), f"http://127.0.0.1:{door.number}"],
                capture_output=True, text=True, timeout=PATIENCE_S, env=environ,
            )  # fmt: skip
            assert bot.returncode == 0, bot.stderr + log.read_text()
            turns = [each for each in bot.stdout.splitlines() if "buy 1 SPY" in each]
            sent = [each for each in turns if "sent" in each]
            assert len(turns) == 20 and len(sent) == 4, bot.stdout
            assert all("denied 403 40310000" in each for each in turns[4:])
            assert "exceeds limit $2000.00" in bot.stdout
            assert "close 4 SPY: " in bot.stdout
            ends = time.monotonic() + PATIENCE_S
            while line.get("/api/positions")["positions"]:
                assert time.monotonic() < ends
                time.sleep(0.05)
            orders = line.get("/api/orders")["orders"]
            assert {each["actor"] for each in orders} == {"buggy"}
            assert sum(each["state"] == "denied" for each in orders) == 16
    finally:
        stopline.terminate()
        stopline.wait(PATIENCE_S)
        for port in (native, door):
            port.close()
    assert f"http://127.0.0.1:{door.number}  for buggy" in log.read_text()
    for file in (log, *(tmp_path / "data").rglob("*")):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file
