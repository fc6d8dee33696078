"""44 to 55: what can be wrong with a record that is well-formed, or only looks so."""

import unicodedata
from typing import Any
from xml.sax.saxutils import escape

from common.entities import Entity
from common.records import RecordData
from tests.integration.bad_inputs.cases import BAD, RELEASE, Bad, Case, instead, record, release

ARTIST, LABEL = Entity.ARTIST, Entity.LABEL


def _own_id(name: str, number: str) -> Case:
    return Case(
        45,
        name,
        instead(record(RELEASE, number, "<title>x</title>")),
        quarantined=(Bad("is not a number from 1 to 2147483647", id=None),),
    )


def _title(number: int, name: str, title: str) -> Case:
    return Case(
        number,
        name,
        instead(release(f"<title>{escape(title)}</title>")),
        records={BAD: {"title": title}},
    )


def _name(number: int, name: str, text: str, entity: Entity = ARTIST) -> Case:
    return Case(
        number,
        name,
        instead(record(entity, BAD, f"<name>{escape(text)}</name>"), entity=entity),
        records={BAD: {"name": text}},
        entity=entity,
    )


def _released(name: str, date: str) -> Case:
    return Case(
        49,
        name,
        instead(release(f"<title>x</title><released>{date}</released>")),
        records={BAD: {"title": "x", "released": date}},
    )


def _references(name: str, entity: Entity, body: str, **data: Any) -> Case:
    record_data: RecordData = data  # type: ignore[assignment]  # of whichever entity
    return Case(
        52,
        name,
        instead(record(entity, BAD, body), entity=entity),
        records={BAD: record_data},
        entity=entity,
    )


_LONG = "n" * 20_000
_SQL = "'); DROP TABLE discogs.release; --"
_CYPHER = "'}) DETACH DELETE x //"
_COPY = "\\N\t\\.\n\\x00"
_NFC = unicodedata.normalize("NFC", "Bj\u00f6rk \u1e0b\u0323")
_NFD = unicodedata.normalize("NFD", "Bj\u00f6rk \u1e0b\u0323")

_TWICE = (
    "<tracklist><track><sub_tracks><track><title>Overture</title></track></sub_tracks>"
    "<sub_tracks><track><title>Air</title></track></sub_tracks></track></tracklist>"
    "<genres><genre>Classical</genre></genres><genres><genre>Jazz</genre></genres>"
)

CASES = (
    Case(
        44,
        "release without id",
        instead(b"<release><title>x</title></release>"),
        quarantined=(Bad("id (none) is not a number", id=None),),
    ),
    Case(
        44,
        "artist without id",
        instead(b"<artist><name>x</name></artist>", entity=ARTIST),
        quarantined=(Bad("an artist without an id", id=None),),
        entity=ARTIST,
    ),
    _own_id("id 0", "0"),
    _own_id("negative id", "-2"),
    _own_id("id beyond 31 bits", "2147483648"),
    _own_id("id of 5,000 digits", "1" * 5_000),
    _own_id("id 1e3", "1e3"),
    Case(
        45,
        "reference of 5,000 digits",
        instead(release(f"<artists><artist><id>{'1' * 5_000}</id></artist></artists>")),
        quarantined=(Bad("is not an id below 2147483648"),),
    ),
    Case(
        46,
        "id again with other content",
        instead(release("<title>first</title>"), release("<title>second</title>")),
        quarantined=(Bad("the id 2 again, with other content: the first one counts"),),
        records={BAD: {"title": "first"}},
    ),
    Case(
        46,
        "id again with the same content",
        instead(release("<title>first</title>"), release("<title>first</title>")),
        records={BAD: {"title": "first"}},
    ),
    Case(
        47,
        "master_id with an attribute",
        instead(release('<title>x</title><master_id is_main_release="true">7</master_id>')),
        records={BAD: {"title": "x", "master_id": 7, "is_main_release": True}},
    ),
    Case(
        48,
        "unknown element",
        instead(release("<title>x</title><mood>blue</mood>")),
        records={BAD: {"title": "x"}},
        unknown="release/mood",
    ),
    Case(
        48,
        "more unknown elements than are warned of",
        instead(release(f"<title>x</title>{''.join(f'<n{n}/>' for n in range(1_500))}")),
        records={BAD: {"title": "x"}},
        unknown="release/n",
    ),
    Case(
        48,
        "text between elements",
        instead(release("<title>x</title>blue<genres>Rock</genres>")),
        records={BAD: {"title": "x"}},
        unknown="release/genres/text()",
    ),
    _released("date without day and month", "1999-00-00"),
    _released("date of question marks", "????"),
    _released("date in Arabic digits", "\u0661\u0669\u0669\u0669"),
    _name(50, "name of 20 kB", _LONG),
    _name(50, "name of 20 kB that cannot be compressed", "".join(map(chr, range(0x4E00, 0x6800)))),
    Case(
        50,
        "style of 20 kB",
        instead(release(f"<title>x</title><styles><style>{_LONG}</style></styles>")),
        records={BAD: {"title": "x", "styles": [_LONG]}},
        rejected=(BAD,),
    ),
    _name(51, "SQL as a name", _SQL),
    _title(51, "Cypher as a title", _CYPHER),
    _title(51, "marks of COPY as a title", _COPY),
    Case(
        51,
        "Cypher as a genre",
        instead(release(f"<title>x</title><genres><genre>{_CYPHER}</genre></genres>")),
        records={BAD: {"title": "x", "genres": [_CYPHER]}},
    ),
    _references(
        "dangling references",
        RELEASE,
        "<artists><artist><id>999999999</id></artist></artists><master_id>2147483647</master_id>",
        artists=[{"id": 999_999_999}],
        master_id=2**31 - 1,
    ),
    _references(
        "reference to itself",
        ARTIST,
        '<aliases><name id="2">x</name></aliases><members><name id="2">x</name></members>',
        aliases=[{"id": 2, "name": "x"}],
        members=[{"id": 2, "name": "x"}],
    ),
    _references(
        "cycle of labels",
        LABEL,
        '<parentLabel id="3">x</parentLabel><sublabels><label id="3">x</label></sublabels>',
        parent={"id": 3, "name": "x"},
        sublabels=[{"id": 3, "name": "x"}],
    ),
    _name(53, "emoji", "\U0001f3b5\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f"),
    _name(
        53, "right to left", "\u202e\u05e9\u05dc\u05d5\u05dd\u202c \u0645\u0631\u062d\u0628\u0627"
    ),
    _name(53, "NFC", _NFC),
    _name(53, "NFD", _NFD),
    Case(
        54,
        "release of 50 MB",
        instead(release("<notes>x</notes>" * 3_200_000)),
        quarantined=(Bad("longer than 16000000 bytes", kept=4_096),),
        megabytes=150,
    ),
    Case(
        55,
        "lists given twice",
        instead(release(_TWICE)),
        records={
            BAD: {
                "tracks": [{"sub_tracks": [{"title": "Overture"}, {"title": "Air"}]}],
                "genres": ["Classical", "Jazz"],
            }
        },
    ),
    Case(
        55,
        "two titles",
        instead(release("<title>x</title><title>y</title>")),
        quarantined=(Bad("release/title twice, with different content"),),
    ),
)
