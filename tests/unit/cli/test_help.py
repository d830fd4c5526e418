"""Every command says what it does, with examples that it understands."""

import shlex

import pytest
import typer

from stopline.cli.app import app


def commands(group=None, path=()):
    """Yield (path, command) of every command that does something."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands())
each_command = pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
WITHOUT_JSON = {("run",), ("init",), ("config", "init"), ("journal", "export"), ("sim", "alpaca")}
"""`run` and `sim` log, `init` writes a file, `export` is lines of JSON as it is."""


def test_all_commands_are_there():
    wanted = """
        simulate
        run demo paper status orders fills positions headroom alerts breakers check order close replace cancel
        flatten kill release
        breaker.reset breaker.trip limits.show limits.set config.init config.validate config.show
        journal.verify journal.show journal.export journal.rebuild replay.fills
        calendar.show calendar.list size init sim.alpaca
        rules obligations lockouts lock unlock clock.trust heartbeat
    """.split()
    assert sorted(".".join(path) for path in COMMANDS) == sorted(wanted)


@each_command
def test_help_has_examples(path, run):
    done = run(*path, "--help")
    assert done.code == 0
    assert done.err == ""
    _, _, examples = done.out.partition("Examples:")
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    assert lines
    assert all(line.startswith(f"stopline {' '.join(path)}") for line in lines)


@each_command
def test_examples_have_only_options_that_exist(path, run):
    command = COMMANDS[path]
    known = {name for param in command.params for name in param.opts}
    _, _, examples = run(*path, "--help").out.partition("Examples:")
    for line in examples.split("\n"):
        words = shlex.split(line.partition("|")[0].partition(" 2>")[0])
        assert {word for word in words if word.startswith("--")} <= known, line


@each_command
def test_json_is_an_option_everywhere(path):
    has_json = any("--json" in param.opts for param in COMMANDS[path].params)
    assert has_json == (path not in WITHOUT_JSON)


@each_command
def test_the_first_line_fits_the_list_of_commands(path, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert "..." not in run(*path[:-1], "--help").out.partition("Commands:")[2]


@pytest.mark.parametrize("arguments", [[], ["breaker"], ["journal"], ["limits"]])
def test_a_group_alone_shows_its_commands(arguments, run):
    done = run(*arguments)
    assert "Commands:" in done.out + done.err


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["status", "--nonsense"], ["check", "buy"], ["orders", "--limit", "0"], ["breaker", "reset", "x"]],
)
def test_wrong_usage_ends_with_2_and_says_what_is_wrong(arguments, run):
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert "Error" in done.err
