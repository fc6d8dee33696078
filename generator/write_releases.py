"""Releases as XML."""

from common.records import Company, Credit, Format, Identifier, LabelCredit, Release, Track
from generator.write_credits import Credits
from generator.xml import Shape, element, elements, text, wrap


def release_xml(shape: Shape, number: int, data: Release) -> str:
    """Write one release."""
    return ReleaseWriter(shape, number).release(data)


class ReleaseWriter:
    """Writes one release: ids that point nowhere are spelt in turn."""

    def __init__(self, shape: Shape, number: int) -> None:
        """Take the id to write."""
        self._shape = shape
        self._number = number
        self._credits = Credits(shape, number)

    def release(self, data: Release) -> str:
        """Write the whole record."""
        shape = self._shape
        status = f' status="{data["status"]}"' if "status" in data else ""
        parts = [
            f'<release id="{self._number}"{status}>',
            shape.images(data.get("images", ())),
            wrap("artists", self._credits.write(data["artists"])),
            element("title", data["title"]),
            self._labels("labels", "label", data["labels"]),
            self._labels("series", "series", data.get("series", ())),
            self._container("extraartists", self._credits.write(data.get("credits", ()))),
            wrap("formats", [self._format(one) for one in data["formats"]]),
            wrap("genres", [elements("genre", data["genres"])]),
            wrap("styles", [elements("style", data["styles"])]) if "styles" in data else "",
            element("country", data["country"]) if "country" in data else "",
            element("released", data["released"]) if "released" in data else "",
            element("notes", data["notes"]) if "notes" in data else "",
            element("data_quality", data["data_quality"]),
            self._master(data),
            wrap("tracklist", [self._track(track) for track in data["tracks"]]),
            self._container("identifiers", map(self._identifier, data.get("identifiers", ()))),
            shape.videos(data.get("videos", ())),
            self._container("companies", map(self._company, data.get("companies", ()))),
            "</release>",
        ]
        return "".join(parts)

    def _container(self, tag: str, parts: "map[str] | list[str]") -> str:
        """Write a container that the old shape writes even when it is empty."""
        inner = "".join(parts)
        if inner:
            return f"<{tag}>{inner}</{tag}>"
        return f"<{tag}/>" if self._shape.old else ""

    def _labels(self, tag: str, child: str, labels: list[LabelCredit] | tuple[()]) -> str:
        written = [self._shape.tag(child, _label(label)) + "/>" for label in labels]
        return wrap(tag, written) if written else ""

    def _format(self, one: Format) -> str:
        attributes = {"name": one["name"], "qty": one["qty"], "text": one.get("text", "")}
        if not self._shape.old and not attributes["text"] and self._number % 37 == 0:
            del attributes["text"]
        start = self._shape.tag("format", attributes)
        if "descriptions" not in one:
            return f"{start}/>"
        descriptions = elements("description", one["descriptions"])
        return f"{start}><descriptions>{descriptions}</descriptions></format>"

    def _master(self, data: Release) -> str:
        """Write the master: none is 0 today, and was left out in 2020."""
        if "is_main_release" not in data:
            return ""
        main = "true" if data["is_main_release"] else "false"
        return f'<master_id is_main_release="{main}">{data.get("master_id", 0)}</master_id>'

    def _track(self, track: Track) -> str:
        parts = [
            self._shape.optional("position", track.get("position", "")),
            f"<title>{text(track.get('title', ''))}</title>",
            self._shape.optional("duration", track.get("duration", "")),
            self._performers("artists", track.get("artists", ())),
            self._performers("extraartists", track.get("credits", ())),
        ]
        if "sub_tracks" in track:
            parts.append(wrap("sub_tracks", [self._track(part) for part in track["sub_tracks"]]))
        return wrap("track", parts)

    def _performers(self, tag: str, entries: list[Credit] | tuple[()]) -> str:
        return wrap(tag, self._credits.write(entries)) if entries else ""

    def _identifier(self, one: Identifier) -> str:
        attributes = {"type": one["type"], "value": one["value"]}
        if "description" in one:
            attributes = {
                "type": one["type"],
                "description": one["description"],
                "value": one["value"],
            }
        elif self._number % 3 and not self._shape.old:
            attributes = {"type": one["type"], "description": "", "value": one["value"]}
        return self._shape.tag("identifier", attributes) + "/>"

    def _company(self, one: Company) -> str:
        optional = self._shape.optional
        address = element("resource_url", one["resource_url"]) if "resource_url" in one else ""
        return (
            f"<company>{self._credits.identity(one.get('id'))}"
            f"{element('name', one.get('name', ''))}{optional('catno', one.get('catno', ''))}"
            f"<entity_type>{one['entity_type']}</entity_type>"
            f"<entity_type_name>{one['entity_type_name']}</entity_type_name>{address}</company>"
        )


def _label(label: LabelCredit) -> dict[str, str]:
    return {
        "name": label.get("name", ""),
        "catno": label.get("catno", ""),
        "id": str(label["id"]),
    }
