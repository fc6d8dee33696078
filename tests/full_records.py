"""One record of each entity with every field filled: what a sink must find a place for."""

from typing import Any

from common.entities import Entity
from common.records import Artist, Credit, Label, Master, RecordData, Release

CREDIT: Credit = {
    "id": 5,
    "name": "Prince (2)",
    "anv": "Prince",
    "join": "&",
    "role": "Producer",
    "tracks": "A1",
}
IMAGES: Any = [{"type": "primary", "uri": "u", "uri150": "v", "width": 600, "height": 500}]
VIDEOS: Any = [{"src": "s", "duration": 61, "embed": True, "title": "t", "description": "d"}]

ARTIST: Artist = {
    "name": "A",
    "real_name": "R",
    "profile": "P",
    "data_quality": "Correct",
    "urls": ["u1", "u2"],
    "name_variations": ["v1", "v2"],
    "aliases": [{"id": 2, "name": "B"}],
    "groups": [{"id": 3, "name": "C"}],
    "members": [{"id": 4, "name": "D"}, {"name": "not linked"}],
    "images": IMAGES,
}
LABEL: Label = {
    "name": "L",
    "contact_info": "C",
    "profile": "P",
    "data_quality": "Correct",
    "parent": {"id": 2, "name": "Parent"},
    "urls": ["u"],
    "sublabels": [{"id": 3, "name": "S"}, {"name": "T"}],
    "images": IMAGES,
}
MASTER: Master = {
    "main_release": 9,
    "artists": [CREDIT, {"name": "not linked"}],
    "genres": ["Jazz", "Folk, World, & Country"],
    "styles": ["Bop"],
    "year": 1959,
    "title": "T",
    "data_quality": "Correct",
    "notes": "N",
    "videos": VIDEOS,
    "images": IMAGES,
}
RELEASE: Release = {
    "status": "Accepted",
    "artists": [CREDIT],
    "title": "T",
    "labels": [{"id": 2, "name": "L", "catno": "X 1"}, {"id": 2, "name": "L", "catno": "X 2"}],
    "series": [{"id": 3, "name": "S", "catno": "Vol. 1"}],
    "credits": [CREDIT, CREDIT],
    "formats": [{"name": "Vinyl", "qty": "2", "text": "Red", "descriptions": ["LP", "Album"]}],
    "genres": ["Jazz"],
    "styles": ["Bop", "Modal"],
    "country": "US",
    "released": "1959-08-00",
    "notes": "N",
    "data_quality": "Correct",
    "master_id": 6,
    "is_main_release": False,
    "tracks": [
        {"title": "Side A"},
        {
            "position": "A1",
            "title": "Suite",
            "duration": "10:01",
            "sub_tracks": [
                {"position": "A1.a", "title": "One", "artists": [CREDIT]},
                {"position": "A1.b", "title": "Two", "duration": "4:00"},
            ],
        },
        {"position": "A2", "title": "Song", "duration": "long", "credits": [CREDIT, CREDIT]},
    ],
    "identifiers": [{"type": "Barcode", "value": "7 99", "description": "Sticker"}],
    "videos": VIDEOS,
    "companies": [
        {
            "id": 7,
            "name": "Plant",
            "catno": "P1",
            "entity_type": "17",
            "entity_type_name": "Pressed By",
            "resource_url": "https://api.discogs.com/labels/7",
        }
    ],
    "images": IMAGES,
}
FULL: dict[Entity, RecordData] = {
    Entity.ARTIST: ARTIST,
    Entity.LABEL: LABEL,
    Entity.MASTER: MASTER,
    Entity.RELEASE: RELEASE,
}
