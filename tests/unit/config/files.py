"""Configurations as tests write them."""

from pathlib import Path

import pytest

from stopline.config.errors import ConfigError, Problem
from stopline.config.load import load_bytes
from stopline.config.settings import Settings

NAME = "conf/stopline.yaml"


def settings(text: str, **variables: str) -> Settings:
    return load_bytes(text.encode(), Path(NAME), variables)


def problems(text: str | bytes, **variables: str) -> list[Problem]:
    """Return what is wrong with a configuration; something must be."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ConfigError) as refused:
        load_bytes(data, Path(NAME), variables)
    return list(refused.value.problems)


def problem(text: str | bytes, **variables: str) -> str:
    """Return the one thing that is wrong with a configuration."""
    found = problems(text, **variables)
    assert len(found) == 1, found
    return str(found[0])
