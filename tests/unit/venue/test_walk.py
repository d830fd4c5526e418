from stopline.model.numbers import SECOND
from stopline.venue.prng import draw, key_of
from stopline.venue.walk import BILLION, Walk

MINUTE, DAY = 60 * SECOND, 86_400 * SECOND


def test_chance_is_the_same_everywhere():
    """Pinned: another Python or machine must make the same market."""
    assert key_of(7, "eq:US:AAPL") == 0xFFA2D964771CE867
    assert draw(0, 1) == 0xE220A8397B1DCDAF, "splitmix64, seed 0, first number"
    assert draw(0, 2) == 0x6E789E6AA1B965F4, "and the second"


def test_it_begins_at_the_start():
    assert Walk(7, "AAPL").level(0) == BILLION


def test_it_stays_within_seven_tenths_of_a_percent_for_the_first_minute():
    for seed in range(200):
        walk = Walk(seed, "X")
        levels = [walk.level(second * SECOND) for second in range(61)]
        assert max(abs(level - BILLION) for level in levels) <= BILLION * 7 // 1000


def test_it_stays_within_thirteen_percent_for_ever_and_does_move():
    for seed in range(20):
        walk = Walk(seed, "X")
        levels = [walk.level(hour * 3_600 * SECOND + 1) for hour in range(0, 5_000, 7)]
        assert max(abs(level - BILLION) for level in levels) <= BILLION * 13 // 100
        assert max(levels) - min(levels) > BILLION // 100


def test_it_is_a_path_and_no_scatter():
    """A step of half a second is small against an hour's way, as in a random walk."""
    walk = Walk(7, "X")
    steps = [abs(walk.level((n + 1) * SECOND // 2) - walk.level(n * SECOND // 2)) for n in range(2_000)]
    assert max(steps) < BILLION // 2_000
    assert len(set(steps)) > 1_900


def test_names_and_seeds_make_different_paths():
    paths = {Walk(seed, name).level(DAY) for seed in (1, 2, 3) for name in ("A", "B", "C")}
    assert len(paths) == 9
