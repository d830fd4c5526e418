"""What is wrong with a file: where, which key, what is there, and what would be right."""

from msgspec import Struct


class Place(Struct, frozen=True, order=True):
    """A spot in a file; lines and columns count from 1, and 0 is the file, or the line, as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        column = f":{self.column}" if self.column else ""
        return f"{self.file}:{self.line}{column}" if self.line else self.file


class Problem(Struct, frozen=True, order=True):
    """One thing that is wrong."""

    place: Place
    key: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        fix = f"; {self.fix}" if self.fix else ""
        return f"{self.place}: {key}{self.message}{fix}"


class ConfigError(ValueError):
    """A configuration that cannot be used, with everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
