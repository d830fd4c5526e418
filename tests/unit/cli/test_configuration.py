"""`stopline config`: what it writes is right, what is wrong is said with its place."""

import pytest

from stopline.config.load import DEFAULTS, load


def test_init_writes_the_defaults_and_validate_finds_nothing_wrong(run, tmp_path):
    done = run("config", "init")
    assert done.code == 0
    assert (tmp_path / "stopline.yaml").read_bytes() == DEFAULTS.read_bytes()
    done = run("config", "validate")
    assert done.code == 0
    assert f"stopline.yaml: nothing is wrong (version {load(None).version})" in done.out


def test_init_never_writes_over_a_file(run, tmp_path):
    (tmp_path / "mine.yaml").write_text("data_dir: x\n")
    done = run("config", "init", "mine.yaml")
    assert done.code == 2
    assert "it is there already" in done.err
    assert (tmp_path / "mine.yaml").read_text() == "data_dir: x\n"
    assert run("config", "init", "no/such/folder.yaml").code == 2


def test_validate_says_every_problem_with_its_place(run, tmp_path):
    (tmp_path / "bad.yaml").write_text("limits:\n  daily_loss: -5\n  dayly_loss: 5\nserver:\n  port: ${PORT}\n")
    done = run("config", "validate", "bad.yaml")
    assert (done.code, done.out) == (2, "")
    lines = done.err.splitlines()
    assert [line.split(": ")[0] for line in lines] == ["bad.yaml:2:15", "bad.yaml:3:3", "bad.yaml:5:9"]
    as_json = run("config", "validate", "bad.yaml", "--json")
    assert as_json.code == 2
    assert (as_json.json["valid"], as_json.json["config_version"]) == (False, None)
    first = as_json.json["problems"][0]
    assert (first["file"], first["line"], first["column"], first["key"]) == ("bad.yaml", 2, 15, "limits.daily_loss")
    assert first["fix"]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("server: {host: 0.0.0.0}", "does not listen on '0.0.0.0'"),
        ("market: {source: prices.csv}", "prices.csv is not there"),
        ('calendars: {mars: {days: {2026-12-24: {hours: "09:30 13:00"}}}}', "calendars.mars: there is no such market"),
    ],
)
def test_validate_says_what_run_would_refuse(run, tmp_path, text, refusal):
    (tmp_path / "stopline.yaml").write_text(text + "\n")
    done = run("config", "validate")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("stopline.yaml: `stopline run` would refuse it: ")
    assert refusal in done.err
    (problem,) = run("config", "validate", "--json").json["problems"]
    assert (problem["line"], refusal in problem["message"]) == (None, True)
    assert refusal in run("run").err


def test_validate_without_a_file_looks_at_the_defaults(run):
    done = run("config", "validate", "--json")
    assert done.code == 0
    assert (done.json["file"], done.json["valid"], done.json["problems"]) == ("defaults", True, [])


def test_show_says_where_each_value_stands_and_no_secrets(run, tmp_path, monkeypatch):
    monkeypatch.setenv("BOOKS", "hunter2")
    (tmp_path / "stopline.yaml").write_text("data_dir: ${BOOKS}\nlimits: {daily_loss: 100}\n")
    done = run("config", "show")
    assert done.code == 0
    assert "hunter2" not in done.out + done.err
    assert any(line.split() == ["data_dir", "${BOOKS}", "stopline.yaml:1"] for line in done.out.splitlines())
    settings = {each["key"]: each for each in run("config", "show", "--json").json["settings"]}
    assert settings["limits.daily_loss"] == {"key": "limits.daily_loss", "value": "100", "where": "stopline.yaml:2"}
    assert settings["limits.leverage"]["where"].startswith("defaults:")


@pytest.mark.parametrize("command", ["validate", "show"])
def test_a_file_that_is_not_there(command, run):
    done = run("config", command, "nowhere.yaml")
    assert done.code == 2
    assert "nowhere.yaml: cannot be read (No such file or directory)" in done.err
    assert "stopline config init" in done.err


def test_the_file_comes_from_the_environment_too(run, tmp_path, monkeypatch):
    (tmp_path / "other.yaml").write_text("limits: {nothing: 1}\n")
    monkeypatch.setenv("STOPLINE_CONFIG", "other.yaml")
    assert "other.yaml:1:10: limits.nothing: is no setting" in run("config", "validate").err
