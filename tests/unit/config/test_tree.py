"""Scalars stay as written, and whatever YAML would guess is refused."""

import pytest

from stopline.config.errors import ConfigError
from stopline.config.tree import MAX_BYTES, Mapping, Scalar, parse_tree
from tests.unit.config.files import problem


def leaf(text: str) -> Scalar:
    entry = parse_tree(text.encode(), "x").entries["a"]
    assert isinstance(entry.node, Scalar)
    return entry.node


@pytest.mark.parametrize(
    "text",
    ["1.10", "17:00", "no", "0777", "1_000", "1e3", ".inf", "2004-01-09", "0x1F", "12345678901234567.12345678", "50 %"],
)
def test_a_scalar_is_its_text(text):
    assert leaf(f"a: {text}").text == text
    assert leaf(f'a: "{text}"').text == text


@pytest.mark.parametrize("text", ["a:", "a: ~", "a: null", "a:   # nothing"])
def test_nothing_is_none_and_not_a_word(text):
    assert leaf(text).text is None


def test_an_empty_quoted_text_is_a_text():
    assert leaf('a: ""').text == ""


def test_places_count_from_one():
    tree = parse_tree(b"# a comment\nlimits:\n  daily_loss: 5000\n", "x.yaml")
    limits = tree.entries["limits"].node
    assert isinstance(limits, Mapping)
    entry = limits.entries["daily_loss"]
    assert str(entry.place) == "x.yaml:3:3"
    assert str(entry.node.place) == "x.yaml:3:15"


def test_a_byte_order_mark_is_no_part_of_the_first_key():
    assert list(parse_tree(b"\xef\xbb\xbfa: 1", "x").entries) == ["a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "data_dir: a\nserver: {}\ndata_dir: b", ":3:1: data_dir: stands here twice, first on line 1", id="twice"
        ),
        pytest.param(
            "limits: {enabled: true, enabled: false}", ":1:25: limits.enabled: stands here twice", id="twice below"
        ),
        pytest.param("limits: &x {}\n", ":1:9: limits: anchors and aliases", id="anchor"),
        pytest.param("data_dir: *x", ":1:11: data_dir: anchors and aliases", id="alias"),
        pytest.param("limits:\n  <<: *base", ":2:7: limits.<<: anchors and aliases", id="merge key"),
        pytest.param("data_dir: !!python/object:os.system x", "the tag tag:yaml.org,2002:python/object", id="tag"),
        pytest.param("data_dir: !x y", ":1:11: data_dir: the tag !x is not read", id="own tag"),
        pytest.param("data_dir: a\n---\ndata_dir: b\n...\n", "a second document begins here", id="two documents"),
        pytest.param("- a\n- b", ":1:1: is no list of settings", id="a list"),
        pytest.param("just words", ":1:1: is no list of settings", id="a word"),
        pytest.param("[a]: b", ":1:1: a key is one word", id="a list as a key"),
        pytest.param("data_dir: [a", "is not YAML here", id="open bracket"),
        pytest.param("a: b: c", ":1:5: is not YAML here: mapping values are not allowed", id="two colons"),
        pytest.param("a: 'b", "is not YAML here", id="open quote"),
        pytest.param("server: {port: ${PORT}}", "a value with ${VAR} stands in quotes", id="a variable in braces"),
        pytest.param("\tdata_dir: a", "is not YAML here", id="a tab"),
        pytest.param("", "says nothing", id="empty"),
        pytest.param("# only a comment\n", "says nothing", id="only a comment"),
        pytest.param("---\ndata_dir: a\n", ":3:1: begins with `---` but does not end with `...`", id="cut off"),
        pytest.param(b"data_dir: a\n# \xff\n", ":2:1: is not UTF-8", id="not UTF-8"),
        pytest.param(b"data_dir: a\x00b", "is not YAML here", id="a zero byte"),
        pytest.param("a: " + "[" * 50 + "]" * 50, "more than 20 levels deep", id="deep"),
        pytest.param(b"a: " + b"x" * MAX_BYTES, f"has {MAX_BYTES + 3} bytes", id="huge"),
    ],
)
def test_what_is_refused_and_where(text, said):
    assert said in problem(text)


def test_a_begun_and_ended_document_is_taken():
    assert parse_tree(b"---\na: 1\n...\n", "x").entries.keys() == {"a"}


def test_a_billion_laughs_are_not_laughed():
    lines = ["a: &a [x]"] + [f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]" for i in range(20)]
    with pytest.raises(ConfigError, match="anchors"):
        parse_tree("\n".join(lines).encode(), "x")
