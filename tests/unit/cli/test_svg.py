"""The curve as a picture: well formed, nothing from outside in it, its corners where they belong."""

import re
from xml.etree import ElementTree

from stopline.cli.svg import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, picture

SVG = "{http://www.w3.org/2000/svg}"


def draw(points, **more):
    text = picture(points, "Equity <of> paper", 'es & "co"', str, lambda at: f"t{at}", **more)
    return ElementTree.fromstring(text), text


def corners(tree):
    line = tree.find(f"{SVG}polyline")
    assert line is not None
    return [tuple(map(int, corner.split(","))) for corner in line.attrib["points"].split()]


def test_is_well_formed_whatever_the_names_are():
    tree, text = draw([(0, 1), (10, 3)])
    assert tree.tag == f"{SVG}svg"
    assert tree.findtext(f"{SVG}title") == "Equity <of> paper"
    assert tree.findtext(f"{SVG}desc") == 'es & "co"'
    assert "http" not in text.replace("http://www.w3.org/2000/svg", ""), "it loads nothing"
    assert "prefers-color-scheme: dark" in text


def test_the_curve_goes_from_corner_to_corner():
    tree, _ = draw([(0, 100), (5, 300), (10, 200)])
    found = corners(tree)
    assert found[0] == (LEFT, HEIGHT - BOTTOM)
    assert min(y for _, y in found) == TOP
    assert found[-1][0] == WIDTH - RIGHT - 1
    assert all(LEFT <= x <= WIDTH - RIGHT and TOP <= y <= HEIGHT - BOTTOM for x, y in found)


def test_a_spike_among_many_points_is_drawn():
    points = [(n, 100) for n in range(50_000)]
    points[31_234] = (31_234, 40)
    found = corners(draw(points)[0])
    assert max(y for _, y in found) == HEIGHT - BOTTOM
    assert len(found) < 4 * WIDTH


def test_the_base_and_the_deepest_fall_are_marked():
    tree, _ = draw([(0, 100), (10, 50)], base=100, fall=((0, 100), (10, 50)))
    lines = {line.attrib["class"]: line.attrib for line in tree.iter(f"{SVG}line")}
    assert (lines["base"]["y1"], lines["base"]["y2"]) == (str(TOP), str(TOP))
    assert (lines["fall"]["y1"], lines["fall"]["y2"]) == (str(TOP), str(HEIGHT - BOTTOM))
    plain = {line.attrib["class"] for line in draw([(0, 1)])[0].iter(f"{SVG}line")}
    assert plain == {"grid"}


def test_labels_name_the_highest_and_the_lowest_value_and_both_ends():
    texts = [each.text for each in draw([(0, 100), (10, 300)])[0].iter(f"{SVG}text")]
    assert {"300", "100", "200", "t0", "t10"} <= set(texts)
    assert not re.search(r"\d\.\d{3}", " ".join(filter(None, texts)))
