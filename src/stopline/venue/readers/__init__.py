"""Readers of recorded quotes: one file per format, found by the header of the file."""

from typing import Final

from stopline.venue.readers import daily, es_minutes, minutes, seconds, ticks
from stopline.venue.readers.form import Form, RecordingError

FORMS: Final[tuple[Form, ...]] = (es_minutes.FORM, ticks.FORM, seconds.FORM, minutes.FORM, daily.FORM)


def find_form(header: list[str], where: str) -> Form:
    """Return the format whose columns these are; raises RecordingError, naming what was seen and expected."""
    for form in FORMS:
        if tuple(header) == form.columns:
            return form
    seen = ",".join(header)[:200]
    wrong = f"no known market file has the columns {seen}" if seen else "is empty: it does not say its columns"
    known = "".join(f"\n  {form.name}: {','.join(form.columns)}" for form in FORMS)
    raise RecordingError(f"{where}: {wrong}; the known ones are{known}")
