"""What a sleeve says besides its tracks: labels, formats, dates, identifiers, companies."""

from common.records import Company, Format, Identifier, LabelCredit
from generator import facts
from generator.catalogue import Draft


def labels(draft: Draft) -> list[LabelCredit]:
    """Credit labels; one label in several numbers, and ``none`` for a number, are normal."""
    made: list[LabelCredit] = []
    for _ in range(draft.pick(facts.LABELS)):
        if made and draft.chance(0.5):
            made.append({**made[-1], "catno": _catno(draft)})
        else:
            made.append(label(draft))
    return made


def label(draft: Draft) -> LabelCredit:
    """Credit one label with a catalogue number."""
    reference = draft.catalogue.label_reference(draft.label_slot())
    credit: LabelCredit = {"id": reference["id"], "catno": _catno(draft)}
    if "name" in reference:
        credit["name"] = reference["name"]
    return credit


def _catno(draft: Draft) -> str:
    if draft.chance(0.11):
        return "none"
    prefix = draft.pick(draft.words.words)[:3].upper()
    return f"{prefix}{draft.pick((' ', '-', ''))}{draft.below(9999):03d}"


def series(draft: Draft) -> list[LabelCredit]:
    """Put the release into a series: a label by another use."""
    reference = draft.catalogue.label_reference(draft.low(draft.labels))
    credit: LabelCredit = {"id": reference["id"]}
    if "name" in reference:
        credit["name"] = reference["name"]
    if draft.chance(0.85):
        credit["catno"] = f"Vol. {1 + draft.below(40)}"
    return [credit]


def formats(draft: Draft) -> list[Format]:
    """Make the carriers; a quantity is text of any length."""
    return [_format(draft) for _ in range(draft.pick(facts.FORMAT_COUNTS))]


def _format(draft: Draft) -> Format:
    made: Format = {"name": draft.pick(facts.CARRIERS), "qty": draft.pick(facts.QUANTITIES)}
    if draft.chance(0.0002):
        made["qty"] = "9" * 64
    if draft.chance(0.15):
        made["text"] = draft.title()[:33].strip()
    if count := draft.pick(facts.DESCRIPTION_COUNTS):
        made["descriptions"] = draft.some(facts.DESCRIPTIONS, count)
    return made


def dates(draft: Draft, year: int) -> str:
    """Date the release: a year, a day, a month without a day, nothing, or something odd."""
    drawn = draft.random()
    if drawn < 0.133:
        return ""
    if drawn < 0.134:
        return draft.pick(facts.ODD_DATES)
    year = year or 1950 + draft.below(70)
    if drawn < 0.7:
        return str(year)
    month = 1 + draft.below(12)
    if drawn < 0.958:
        return f"{year}-{month:02d}-{1 + draft.below(28):02d}"
    return f"{year}-{month:02d}-00" if drawn < 0.99 else f"{year}-00-00"


def identifiers(draft: Draft) -> list[Identifier]:
    """Make barcodes, matrix numbers and the like."""
    return [_identifier(draft) for _ in range(draft.pick(facts.IDENTIFIER_COUNTS))]


def _identifier(draft: Draft) -> Identifier:
    kind = draft.pick(facts.IDENTIFIERS)
    made: Identifier = {"type": kind, "value": _value(draft, kind)}
    if draft.chance(0.45):
        made["description"] = f"Side {'ABCD'[draft.below(4)]}, {draft.pick(('runout', 'etched'))}"
    return made


def _value(draft: Draft, kind: str) -> str:
    if kind == "Barcode":
        digits = f"{draft.below(10**12):012d}"
        return f"{digits[0]} {digits[1:6]} {digits[6:11]} {digits[11]}"
    if kind == "Rights Society":
        return draft.pick(facts.SOCIETIES)
    if kind == "Label Code":
        return f"LC {draft.below(99999):05d}"
    if draft.chance(0.01):
        return f'{draft.pick(draft.words.words)} "{draft.below(99)}"\t<{_catno(draft)}>'
    word = draft.pick(draft.words.words).upper()
    return f"{word}-{draft.below(9999)} {'ABCD'[draft.below(4)]}{1 + draft.below(3)}"


def companies(draft: Draft) -> list[Company]:
    """Name the companies that pressed, published and recorded it."""
    return [_company(draft) for _ in range(draft.pick(facts.COMPANY_COUNTS))]


def _company(draft: Draft) -> Company:
    reference = draft.company()
    number, name = draft.pick(facts.COMPANY_TYPES).split(":", 1)
    made: Company = {"entity_type": number, "entity_type_name": name}
    if "id" in reference:
        made["id"] = reference["id"]
    if "name" in reference:
        made["name"] = reference["name"]
    if draft.chance(0.04):
        made["catno"] = _catno(draft)
    return made
