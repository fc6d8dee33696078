"""Readers of generated dumps that share nothing with the generator or the extractor."""

import gzip
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from common.entities import Entity
from generator import Plan, write_dumps

NAMES = {
    "realname": "real_name",
    "contactinfo": "contact_info",
    "namevariations": "name_variations",
    "parentLabel": "parent",
    "extraartists": "credits",
    "tracklist": "tracks",
}
LISTS = frozenset(
    ("urls", "namevariations", "aliases", "groups", "members", "sublabels", "images", "videos",
     "artists", "extraartists", "labels", "series", "formats", "genres", "styles", "tracklist",
     "sub_tracks", "identifiers", "companies", "descriptions")
)  # fmt: skip
NUMBERS = frozenset({"id", "width", "height", "main_release", "master_id", "year"})
Read = Callable[[Plan, Entity], Iterator[tuple[int, dict[str, Any]]]]


def _value(name: str, text: str | None) -> Any:
    if name in NUMBERS:
        return int(text or 0)
    if name in ("embed", "is_main_release"):
        return text == "true"
    return int(text or 0) if name == "duration" and ":" not in (text or ":") else text


def _kept(data: dict[str, Any]) -> dict[str, Any]:
    zero = {key for key in NUMBERS if data.get(key) == 0 and key not in ("width", "height")}
    return {k: v for k, v in data.items() if v not in (None, "", []) and k not in zero}


def _naive(element: Any) -> Any:
    """Turn any element into a value: text, or what its attributes and children hold."""
    if not len(element) and not element.attrib:
        return element.text
    data: dict[str, Any] = {key: _value(key, text) for key, text in element.items()}
    if element.text and not len(element):
        data["name"] = element.text
    for child in element:
        name = NAMES.get(child.tag, child.tag)
        if child.tag == "master_id":
            data |= {k: _value(k, v) for k, v in child.items()}
            data[name] = int(child.text)
        elif child.tag in LISTS and child.tag != element.tag:
            found = (_naive(item) for item in child if item.tag != "id")
            data[name] = [value for value in found if value is not None]
        else:
            data[name] = child.text if not child.attrib else _naive(child)
            data[name] = _value(name, data[name]) if name in NUMBERS else data[name]
    return _kept(data)


@pytest.fixture(scope="session")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Plan, Entity], bytes]:
    """Return the XML of one of a plan's dumps; a plan is written once."""

    @cache
    def written(plan: Plan) -> Path:
        return write_dumps(plan, tmp_path_factory.mktemp("dumps"))[0].parent

    def reader(plan: Plan, entity: Entity) -> bytes:
        return gzip.decompress((written(plan) / plan.file_name(entity)).read_bytes())

    return reader


@pytest.fixture
def read(dump: Callable[[Plan, Entity], bytes]) -> Read:
    """Read the records of one of a plan's dumps."""

    def reader(plan: Plan, entity: Entity) -> Iterator[tuple[int, dict[str, Any]]]:
        for element in etree.fromstring(dump(plan, entity)):
            data = _naive(element)
            yield data.pop("id"), data

    return reader


@pytest.fixture
def lines(dump: Callable[[Plan, Entity], bytes]) -> Callable[[Plan, Entity], dict[int, bytes]]:
    """Cut one of a plan's dumps into records' raw bytes by id."""

    def reader(plan: Plan, entity: Entity) -> dict[int, bytes]:
        end = f"</{entity}>\n".encode()
        start = f"<{entity.plural}>\n".encode()
        records = dump(plan, entity).removeprefix(start).split(end)[:-1]
        return {_raw_id(entity, record): record for record in records}

    return reader


def _raw_id(entity: Entity, record: bytes) -> int:
    by_attribute = entity in (Entity.MASTER, Entity.RELEASE)
    start, stop = (b' id="', b'"') if by_attribute else (b"<id>", b"</id>")
    return int(record.split(start, 1)[1].split(stop, 1)[0])
