"""What all sections of a configuration file have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Base: a typing error must not pass for a setting."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def given(self) -> dict[str, object]:
        """Return what was written, by key."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}
