"""Light commands start fast: they import nothing heavy, and take less than 0.3 s of processor time."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "fastapi", "starlette", "pydantic", "pydantic_core", "uvicorn", "rich", "yaml", "apsw", "asyncio", "structlog",
    "stopline.engine", "stopline.state", "stopline.runtime", "stopline.doors", "stopline.stores", "stopline.bootstrap",
}  # fmt: skip
NOBODY = "http://127.0.0.1:1"
LIGHT = {
    "help": ["--help"],
    "version": ["--version"],
    "help of one": ["flatten", "--help"],
    "help of the demo": ["demo", "--help"],
    "help of paper": ["paper", "--help"],
    "help of a simulator": ["sim", "alpaca", "--help"],
    "status": ["status", "--url", NOBODY],
    "orders": ["orders", "--url", NOBODY],
    "check": ["check", "buy", "1", "AAPL", "--url", NOBODY],
    "kill": ["kill", "--url", NOBODY],
}
PROGRAM = """
import json, sys
from stopline.cli.app import run_cli
code = run_cli(sys.argv[1:])
print(json.dumps([int(code), sorted(sys.modules)]), file=sys.stderr)
"""
each_light = pytest.mark.parametrize("arguments", LIGHT.values(), ids=LIGHT.keys())


@each_light
def test_imports_nothing_heavy(arguments):
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code in (0, 3)
    assert HEAVY & set(modules) == set()


def test_the_command_and_the_module_are_the_same():
    done = subprocess.run([sys.executable, "-m", "stopline", "--version"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout.startswith("stopline 0.")
