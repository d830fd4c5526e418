"""A module's docstring, taken apart."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass

SECTION = re.compile(r"^(?P<label>[A-Z][a-z]+(?: [a-z]+)?) {2,}(?P<text>\S.*)$")


@dataclass(frozen=True)
class DocString:
    """What it does in one sentence, its labelled lines, and what is left."""

    summary: str
    sections: Mapping[str, str]
    prose: str


def parse_docstring(text: str) -> DocString:
    """Take a docstring apart: first paragraph, `Label   text` lines with their indented rest, other prose."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    summary = " ".join(paragraphs[0].split())
    sections: dict[str, list[str]] = {}
    prose: list[str] = []
    for paragraph in paragraphs[1:]:
        label = ""
        for line in paragraph.splitlines():
            found = SECTION.match(line)
            if found:
                label = found["label"]
                sections[label] = [found["text"].strip()]
            elif label and line.startswith(" "):
                sections[label].append(line.strip())
            else:
                label = ""
                prose.append(line)
        prose.append("")
    joined = {label: " ".join(lines) for label, lines in sections.items()}
    return DocString(summary, joined, "\n".join(prose).strip())
