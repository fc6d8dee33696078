"""Another reading of a record, from common/records/ and the format's description alone.

It works on the standard library's tree, asks nothing of the extractor, and is slow.
"""

import xml.etree.ElementTree as ET
from typing import Any

from common.entities import Entity

RENAMED = {
    "realname": "real_name",
    "namevariations": "name_variations",
    "contactinfo": "contact_info",
    "parentLabel": "parent",
    "extraartists": "credits",
    "tracklist": "tracks",
}
TEXT_LISTS = ("urls", "namevariations", "genres", "styles", "descriptions")
REFERENCE_LISTS = ("aliases", "groups", "members", "sublabels")


def read(raw: bytes, entity: Entity) -> tuple[int, dict[str, Any]]:
    """Return the id and the data of one well-formed record without oddities."""
    root = ET.fromstring(raw)  # noqa: S314
    data = without_empty({RENAMED.get(child.tag, child.tag): value(child) for child in root})
    if entity in (Entity.ARTIST, Entity.LABEL):
        number = int(root.findtext("id", ""))
    else:
        number = int(root.attrib["id"])
    data.pop("id", None)
    if root.get("status"):
        data["status"] = root.get("status")
    for element in root.findall("master_id"):
        if main := element.get("is_main_release"):
            data["is_main_release"] = main == "true"
    return number, data


def value(element: ET.Element) -> Any:
    """Return what a record says under this element's name."""
    tag, children = element.tag, list(element)
    if tag in TEXT_LISTS:
        return [child.text for child in children if child.text]
    if tag in REFERENCE_LISTS:
        return references(children)
    if tag == "parentLabel":
        return reference(element.get("id"), element.text)
    if tag in ("main_release", "master_id", "year"):
        return int(element.text or 0) or None
    if children or tag in ("tracklist", "sub_tracks"):
        items = [item(child) for child in children]
        return items if tag in ("tracklist", "sub_tracks") else [one for one in items if one]
    return element.text


def references(children: list[ET.Element]) -> list[dict[str, Any]]:
    """Pair names with the ids that stand in them, or before them."""
    found, before = [], None
    for child in children:
        if child.tag == "id":
            before = child.text
        else:
            found.append(reference(child.get("id") or before, child.text))
            before = None
    return [one for one in found if one]


def reference(number: str | None, name: str | None) -> dict[str, Any]:
    """Return an artist or label named; id 0 is none."""
    return without_empty({"id": int(number or 0) or None, "name": name})


def item(element: ET.Element) -> dict[str, Any]:
    """Return one of a list: its attributes and children, by their names."""
    found: dict[str, Any] = {**element.attrib}
    found.update((RENAMED.get(child.tag, child.tag), value(child)) for child in element)
    for number in ("id", "width", "height", "duration"):
        if found.get(number) and element.tag != "track":
            found[number] = int(found[number])
    if found.get("id") == 0:
        del found["id"]
    if found.get("embed"):
        found["embed"] = found["embed"] == "true"
    return without_empty(found)


def without_empty(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the dump leaves empty."""
    return {key: value for key, value in data.items() if value not in (None, "", [], {})}
