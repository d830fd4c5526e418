"""What the sections of all rules have in common."""

from typing import Annotated

from pydantic import PlainValidator

from stopline.config import rule_units, units
from stopline.config.section import Section
from stopline.model.breach import Mode


class RuleSection(Section):
    """What every rule has."""

    mode: Annotated[Mode, PlainValidator(rule_units.read_mode)] = Mode.ENFORCE


def one_of_these(section: RuleSection, *names: str) -> None:
    """Refuse a rule that says none of its keys: it would watch nothing."""
    if not any(getattr(section, name) not in (None, (), {}) for name in names):
        raise units.Unfit("says nothing to watch", f"write one of {', '.join(names)}")
