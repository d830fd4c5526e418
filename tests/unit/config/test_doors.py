"""`doors:` of a file: bots, their keys of which only a hash goes on, and what is wrong with them."""

from hashlib import sha256

import pytest

from stopline.config.diff import flatten
from stopline.config.load import load
from stopline.config.settings import AlpacaDoor, DoorBot
from tests.unit.config.files import problem, settings

SECRET = "s3cret-of-one-bot-only"
HASH = sha256(SECRET.encode())


def bots(*lines: str) -> str:
    return "doors:\n  alpaca:\n    bots:\n" + "".join(f"      - {{{line}}}\n" for line in lines)


def test_there_is_no_door_without_bots():
    assert load(None).alpaca_door == AlpacaDoor("127.0.0.1", 8083, ())


@pytest.mark.parametrize("secret", ["secret: '${BOT}'", f"secret_sha256: {HASH.hexdigest()}"])
def test_a_bot_is_its_name_its_key_and_a_hash(secret):
    found = settings(bots(f"name: momentum, key: SLMOMENTUM, {secret}"), BOT=SECRET)
    assert found.alpaca_door.bots == (DoorBot("momentum", "SLMOMENTUM", HASH.digest(), "paper"),)
    assert SECRET not in repr(found) and SECRET not in repr(flatten(found))


OK = f"secret_sha256: {HASH.hexdigest()}"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ((f"key: SLONE, {OK}",), "name: is missing"),
        ((f"name: one, {OK}",), "key: is missing"),
        (("name: one, key: SLONE",), "secret: is missing, or stands there twice"),
        ((f"name: one, key: SLONE, secret: '${{BOT}}', {OK}",), "secret: is missing, or stands there twice"),
        ((f"name: one, key: SLONE, secret: {SECRET}",), "secret: stands in the file"),
        (("name: one, key: SLONE, secret: '${SHORT}'",), "environment variable SHORT holds does not fit"),
        (("name: one, key: SLONE, secret_sha256: abc",), "is no SHA-256"),
        ((f"name: one, key: SLONE, {OK}", f"name: two, key: SLONE, {OK}"), "bots[2].key: is another bot's already"),
        ((f"name: one, key: SLONE, {OK}", f"name: one, key: SLTWO, {OK}"), "bots[2].name: is another bot's already"),
        ((f"name: one, key: SLONE, {OK}, account: nowhere",), "is no account here; known are paper"),
    ],
)
def test_what_is_wrong_is_said_and_never_the_secret(lines, says):
    said = problem(bots(*lines), BOT=SECRET, SHORT="tooshort")
    assert says in said
    assert SECRET not in said and "tooshort" not in said


def test_with_two_accounts_a_bot_says_which():
    two = "accounts: [{account: a, opening_cash: 1.00}, {account: b, opening_cash: 1.00}]\n"
    assert "a, b are there" in problem(two + bots(f"name: one, key: SLONE, {OK}"))
    found = settings(two + bots(f"name: one, key: SLONE, {OK}, account: b"))
    assert found.alpaca_door.bots[0].account == "b"
