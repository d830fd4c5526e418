import pytest

from stopline.sim.alpaca.faults import MEANINGS, BadFault, Fault, Faults, Kind, parse_fault


def test_a_fault_in_words():
    fault = parse_fault("lost_reply:times=2,method=post,path=/v2/orders")
    assert fault == Fault(kind=Kind.LOST_REPLY, times=2, method="POST", path="/v2/orders")
    assert parse_fault("outage") == Fault(kind=Kind.OUTAGE)
    assert str(parse_fault("latency:ms=5,times=0")) == "latency until it is cleared: the answer comes 5 ms later"
    assert str(fault).endswith("in place of an answer (POST /v2/orders)")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "kind must be one of"),
        ("flood", "kind must be one of"),
        ("latency:ms=soon", "ms must be a whole number"),
        ("latency:times=-1", "times must be a whole number"),
        ("latency:colour=red", "'colour' is nothing that a fault has"),
    ],
)
def test_a_fault_that_cannot_be_read_says_what_would_be_right(text, says):
    with pytest.raises(BadFault, match=says):
        parse_fault(text)


def test_a_fault_hits_so_many_times_what_it_is_about():
    faults = Faults()
    faults.add(parse_fault("lost_reply:times=2,method=POST"))
    assert faults.take(Kind.LOST_REPLY, "GET", "/v2/orders") is None
    assert faults.take(Kind.LATENCY, "POST", "/v2/orders") is None
    hits = [faults.take(Kind.LOST_REPLY, "POST", "/v2/orders") is not None for _ in range(3)]
    assert hits == [True, True, False]
    assert faults.set[0].seen == 2


def test_a_fault_without_end_is_cleared():
    faults = Faults()
    faults.add(parse_fault("outage:times=0"))
    assert all(faults.take(Kind.OUTAGE) for _ in range(5))
    assert faults.is_out()
    faults.clear()
    assert not faults.is_out()


def test_every_kind_has_a_meaning():
    assert set(MEANINGS) == set(Kind)
