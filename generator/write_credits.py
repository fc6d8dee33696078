"""Credits as XML, with the three spellings of a credit that is not linked."""

from collections.abc import Iterable

from common.records import Credit
from generator.xml import Shape, element

UNLINKED = ("", "<id>0</id>", "<id/>")


class Credits:
    """Writes the credits of one record, and the ids of whatever else has one."""

    def __init__(self, shape: Shape, number: int) -> None:
        """Start the round of spellings at the record's id: equal records read equal."""
        self._shape = shape
        self._unlinked = number

    def identity(self, number: int | None) -> str:
        """Write an id; in dumps until 2024 one that points nowhere is 0."""
        if number is not None:
            return f"<id>{number}</id>"
        self._unlinked += 1
        return "<id>0</id>" if self._shape.old else UNLINKED[self._unlinked % 3]

    def write(self, entries: Iterable[Credit]) -> list[str]:
        """Write credits, one string each."""
        return [self._credit(credit) for credit in entries]

    def _credit(self, credit: Credit) -> str:
        optional = self._shape.optional
        return (
            f"<artist>{self.identity(credit.get('id'))}"
            f"{element('name', credit.get('name', ''))}"
            f"{optional('anv', credit.get('anv', ''))}"
            f"{optional('join', credit.get('join', ''))}"
            f"{optional('role', credit.get('role', ''))}"
            f"{optional('tracks', credit.get('tracks', ''))}</artist>"
        )
