"""Artists, labels and masters as XML."""

from common.records import Artist, Label, Master, Reference
from generator.write_credits import Credits
from generator.xml import Shape, element, elements, text, wrap


def artist_xml(shape: Shape, number: int, data: Artist) -> str:
    """Write one artist."""
    parts = [
        shape.images(data.get("images", ())),
        f"<id>{number}</id>",
        shape.optional("name", data.get("name", "")),
        element("realname", data["real_name"]) if "real_name" in data else "",
        shape.optional("profile", data.get("profile", "")),
        element("data_quality", data["data_quality"]),
        _list("urls", "url", data.get("urls", ())),
        _list("namevariations", "name", data.get("name_variations", ())),
        _names("aliases", data.get("aliases", ())),
        _names("groups", data.get("groups", ())),
        _names("members", data.get("members", ()), bare_ids=shape.old),
    ]
    return wrap("artist", parts)


def label_xml(shape: Shape, number: int, data: Label) -> str:
    """Write one label; today's shape writes ``<urls/>`` even when it is empty.

    Some sublabels are bare, as met in the dumps: they say nothing, and read as nothing.
    """
    sublabels = [_reference("label", label) for label in data.get("sublabels", ())]
    if sublabels and number % 11 == 1:
        sublabels.append("<label/>")
    parts = [
        shape.images(data.get("images", ())),
        f"<id>{number}</id>",
        element("name", data["name"]) if "name" in data else "",
        element("contactinfo", data["contact_info"]) if "contact_info" in data else "",
        element("profile", data["profile"]) if "profile" in data else "",
        element("data_quality", data["data_quality"]),
        _reference("parentLabel", data["parent"]) if "parent" in data else "",
        _list("urls", "url", data.get("urls", ())) or ("" if shape.old else "<urls/>"),
        wrap("sublabels", sublabels) if sublabels else "",
    ]
    return wrap("label", parts)


def master_xml(shape: Shape, number: int, data: Master) -> str:
    """Write one master; an unknown year is 0."""
    writer = Credits(shape, number)
    parts = [
        f'<master id="{number}">',
        f"<main_release>{data['main_release']}</main_release>",
        shape.images(data.get("images", ())),
        wrap("artists", writer.write(data["artists"])),
        _list("genres", "genre", data["genres"]),
        _list("styles", "style", data.get("styles", ())),
        f"<year>{data.get('year', 0)}</year>",
        element("title", data["title"]),
        element("data_quality", data["data_quality"]),
        element("notes", data["notes"]) if "notes" in data else "",
        shape.videos(data.get("videos", ())),
        "</master>",
    ]
    return "".join(parts)


def _list(tag: str, child: str, values: list[str] | tuple[()]) -> str:
    return f"<{tag}>{elements(child, values)}</{tag}>" if values else ""


def _names(tag: str, references: list[Reference] | tuple[()], bare_ids: bool = False) -> str:
    written = []
    for reference in references:
        bare = f"<id>{reference['id']}</id>" if bare_ids else ""
        written.append(bare + _reference("name", reference))
    return wrap(tag, written) if written else ""


def _reference(tag: str, reference: Reference) -> str:
    name = reference.get("name", "")
    start = f'<{tag} id="{reference["id"]}"'
    return f"{start}>{text(name)}</{tag}>" if name else f"{start}/>"
