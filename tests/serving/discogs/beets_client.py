"""beets' plugin for Discogs, in a process of its own: its settings are those of the process.

``python -m tests.serving.discogs.beets_client URL ID ARTIST ALBUM`` prints, as JSON, the release
that is looked up and those that are found by a search.
"""

import json
import sys
from importlib import import_module
from typing import Any

import beets
from beets.autotag import AlbumInfo
from beetsplug.discogs import DiscogsPlugin


def main(url: str, id_: str, artist: str, album: str) -> None:
    """Look up and search at a base URL, and with nothing else changed."""
    client: Any = import_module("discogs_client")  # it has no types
    client.Client._base_url = url
    beets.config["discogs"]["user_token"] = "any"  # noqa: S105 - any will do
    beets.config["raise_on_error"] = True
    plugin = DiscogsPlugin()
    found = plugin.album_for_id(id_)
    searched = plugin.candidates([], artist, album, False)
    print(json.dumps({"found": _said(found), "searched": [_said(one) for one in searched]}))  # noqa: T201


def _said(album: AlbumInfo | None) -> dict[str, Any] | None:
    if album is None:
        return None
    keys = ("album_id", "album", "artist", "year", "label", "catalognum", "country", "media")
    own = {key: album.get(key) for key in (*keys, "original_year", "releasegroup_id", "data_url")}
    titles = [track.title for track in album.tracks]
    return {**own, "genres": album.get("genres"), "titles": titles}


if __name__ == "__main__":
    main(*sys.argv[1:])
