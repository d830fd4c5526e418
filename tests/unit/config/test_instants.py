import pytest

from stopline.config.instants import read_instant
from stopline.config.units import Unfit


def test_reads_an_instant_of_any_zone():
    assert read_instant("2026-12-18T14:30:00Z") == read_instant("2026-12-18T08:30:00-06:00") == 1_797_604_200 * 10**9


@pytest.mark.parametrize("text", ["2026-12-18", "2026-12-18T14:30:00", "soon", "", "2026-13-01T00:00:00Z"])
def test_refuses_what_has_no_zone_or_is_no_instant(text):
    with pytest.raises(Unfit):
        read_instant(text)
