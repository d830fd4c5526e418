"""`stopline calendar`, as people type it."""

import subprocess
import sys

import pytest


def test_a_week_of_es(run):
    ran = run("calendar", "show", "ES", "--week", "--on", "2026-11-25")
    lines = ran.out.splitlines()
    assert ran.code == 0 and lines[0] == "market      cme_equity: CME and CBOT equity index futures"
    shown = {line[:14]: line for line in lines if line[:3] in ("Mon", "Thu", "Fri", "Sat") and "2026-11-2" in line[:14]}
    assert "17:00(-1)-16:00" in shown["Mon 2026-11-23"] and "23:00(-1)-22:00" in shown["Mon 2026-11-23"]
    assert shown["Thu 2026-11-26"].endswith("early close, Thanksgiving")
    assert "17:00(-1)-12:15" in shown["Fri 2026-11-27"]
    assert shown["Sat 2026-11-28"].endswith("closed")


@pytest.mark.parametrize(
    ("arguments", "days"), [((), 1), (("--week",), 7), (("--month",), 30)], ids=["day", "week", "month"]
)
def test_json(run, arguments, days):
    ran = run("calendar", "show", "nyse", "--on", "2026-11-27", "--json", *arguments)
    assert (ran.json["kind"], ran.json["market"], len(ran.json["days"])) == ("calendar", "us_equities", days)
    friday = next(day for day in ran.json["days"] if day["day"] == "2026-11-27")
    assert friday == {
        "day": "2026-11-27", "kind": "early_close", "note": "day after Thanksgiving", "is_override": False,
        "spans": [{"opens_at": "2026-11-27T14:30:00Z", "closes_at": "2026-11-27T18:00:00Z"}],
    }  # fmt: skip


def test_the_second_column_is_in_the_zone_that_was_asked_for(run):
    ran = run("calendar", "show", "ASX", "--on", "2026-11-24", "--zone", "Europe/London")
    assert "hours (Europe/London)" in ran.out and "10:00-16:00" in ran.out and "23:00(-1)-05:00" in ran.out


def test_days_of_the_configuration_are_marked(run, tmp_path):
    (tmp_path / "stopline.yaml").write_text("calendars: {cme_equity: {days: {2026-11-27: {note: storm}}}}\n")
    ran = run("calendar", "show", "ES", "--on", "2026-11-27")
    assert ran.out.splitlines()[-1].endswith("closed, storm, by your configuration")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("NOPE",), "'NOPE' is no market and no instrument that a calendar knows"),
        (("ES", "--on", "27.11.2026"), "--on: '27.11.2026' is no date"),
        (("ES", "--on", "2031-01-01"), "2031-01-01 is not in the calendar of cme_equity (2000-01-01 to 2027-12-31)"),
        (("ES", "--zone", "Mars/Base"), "--zone: 'Mars/Base' is no IANA time zone"),
        (("ES", "--week", "--month"), "--week or --month, not both"),
        (("ES", "--config", "absent.yaml"), "absent.yaml"),
    ],
)
def test_what_is_wrong_is_said(run, arguments, said):
    ran = run("calendar", "show", *arguments)
    assert (ran.code, ran.out) == (2, "") and said in ran.err


def test_list(run):
    ran = run("calendar", "list")
    assert ran.code == 0 and "us_equities" in ran.out and "2000-01-01 to 2027-12-31" in ran.out
    assert {each["market"] for each in run("calendar", "list", "--json").json["calendars"]} >= {"forex", "asx"}


def test_it_loads_nothing_heavy():
    """Its start is a budget: no pandas, no web server, no configuration without need."""
    program = (
        "import sys; from stopline.cli.app import run_cli; run_cli(['calendar', 'show', 'ES', '--week']); "
        "heavy = {'pandas', 'numpy', 'exchange_calendars', 'fastapi', 'pydantic'}; print(heavy & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
