"""A file of which a part is missing is refused, or read exactly as it is written. Never a traceback, never a guess."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopline.config.errors import ConfigError
from stopline.config.load import DEFAULTS, load_bytes
from stopline.config.settings import Settings

WHOLE = DEFAULTS.read_bytes()
PLAIN = b"""\
# a file without the marks that `config init` writes
data_dir: ${BOOKS:-books}
server:
  port: 8090
limits:
  daily_loss: 2500.50
  concentration: 20 %
  quote_max_age: 10 s
  order_rate: 10 / 1 min
  price_collar: none
  enabled: true
symbols:
  AAPL:
    max_position: 7500
"""


def load(data: bytes) -> Settings | None:
    try:
        return load_bytes(data, Path("x.yaml"), {})
    except ConfigError as refused:
        assert all(problem.message for problem in refused.problems)
        return None


def test_the_file_that_init_writes_is_refused_wherever_it_is_cut():
    assert load(WHOLE) is not None
    assert WHOLE.endswith(b"\n...\n")
    taken = [cut for cut in range(len(WHOLE) - 1) if load(WHOLE[:cut]) is not None]
    assert taken == []


def test_a_plain_file_is_refused_or_read_as_written_wherever_it_is_cut():
    taken = 0
    for cut in range(len(PLAIN) + 1):
        found = load(PLAIN[:cut])
        if found is not None:
            taken += 1
            assert found == load(spelled_out(PLAIN[:cut])), PLAIN[:cut]
    assert taken > 10


def spelled_out(data: bytes) -> bytes:
    """Read `key: value` lines the naive way, and write them with every text in quotes and every level in braces."""
    root: dict = {}
    levels = [(-1, root)]
    for line in data.decode().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        depth = len(line) - len(line.lstrip())
        while levels[-1][0] >= depth:
            levels.pop()
        key, _, value = line.strip().partition(":")
        here = levels[-1][1]
        here[key] = value.strip() or {}
        if here[key] == {}:
            levels.append((depth, here[key]))
    return quoted(root).encode()


def quoted(node: dict | str) -> str:
    if isinstance(node, str):
        return f'"{node}"'
    return "{" + ", ".join(f'"{key}": {quoted(value)}' for key, value in node.items()) + "}"


def test_the_naive_reader_reads_the_whole_file_the_same():
    assert load(PLAIN) is not None
    assert load(PLAIN) == load(spelled_out(PLAIN))


@given(st.integers(0, len(PLAIN) - 1), st.binary(max_size=6), st.integers(0, 6))
def test_a_damaged_file_never_ends_in_a_traceback(at, put_in, taken_out):
    load(PLAIN[:at] + put_in + PLAIN[at + taken_out :])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    load(data)


@pytest.mark.parametrize("key", [line.split(b":")[0].strip().decode() for line in PLAIN.splitlines()[5:11]])
def test_a_key_without_its_value_is_never_disarmed_in_silence(key):
    cut = PLAIN.index(f"  {key}:".encode()) + len(key) + 3
    assert load(PLAIN[:cut]) is None
