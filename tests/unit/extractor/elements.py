"""Elements of all four entities, in the spellings of all years."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

from common.entities import Entity

_CHARACTERS = st.characters(
    codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters="\n\t\r\u0091"
).filter(lambda character: character not in "\ufffe\uffff")
TEXTS = st.text(_CHARACTERS, max_size=8)
IDS = st.sampled_from((1, 9, 10, 4095, 4096, 65_535, 65_536, 999_999_999, 2**31 - 1))
_REFERENCES = st.one_of(IDS.map(str), st.sampled_from(("", "0", "00", "007", "123456789")))
_NUMBERS = st.sampled_from(("", "0", "1", "600", "2147483647"))
_BOOLEANS = st.sampled_from(("true", "false", ""))


def xml(tag: str, content: str = "", **attributes: str) -> str:
    """Return an element, empty ones sometimes closed at once."""
    held = "".join(f" {name}={_quoted(value)}" for name, value in attributes.items())
    return f"<{tag}{held}>{content}</{tag}>" if content else f"<{tag}{held}/>"


def _quoted(value: str) -> str:
    return quoteattr(value, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


def _text(tag: str, texts: st.SearchStrategy[str] = TEXTS) -> st.SearchStrategy[str]:
    return texts.map(lambda text: xml(tag, escape(text, {"\r": "&#13;"})))


def _list(tag: str, items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(items, max_size=3).map(lambda found: xml(tag, "".join(found)))


@st.composite
def _attributed(
    draw: st.DrawFn, /, tag: str, content: st.SearchStrategy[str], **attributes: Any
) -> str:
    held = {name: draw(values) for name, values in attributes.items() if draw(st.booleans())}
    return xml(tag, draw(content), **held)


@st.composite
def _some(draw: st.DrawFn, *parts: st.SearchStrategy[str]) -> str:
    """Draw some of an element's children, in any order: old and new dumps differ in it."""
    chosen = [part for part in parts if draw(st.booleans())]
    return "".join(draw(part) for part in draw(st.permutations(chosen)))


_NAMES = TEXTS.map(lambda text: escape(text, {"\r": "&#13;"}))
_NOTHING = st.just("")
_NAMED = _attributed("name", _NAMES, id=_REFERENCES)


@st.composite
def _old_named(draw: st.DrawFn) -> str:
    """Draw an id, and after it a name that may say the id again."""
    number = draw(_REFERENCES)
    again = st.sampled_from(("", number))
    return xml("id", number) + draw(_attributed("name", _NAMES, id=again))


_OLD_NAMED = _old_named()
_IMAGES = _list(
    "images",
    _attributed(
        "image", _NOTHING, height=_NUMBERS, type=TEXTS, uri=TEXTS, uri150=TEXTS, width=_NUMBERS
    ),
)
_VIDEOS = _list(
    "videos",
    _attributed(
        "video",
        _some(_text("title"), _text("description")),
        src=TEXTS,
        duration=_NUMBERS,
        embed=_BOOLEANS,
    ),
)
_CREDIT = _some(
    _text("id", _REFERENCES), *(_text(tag) for tag in ("name", "anv", "join", "role", "tracks"))
).map(lambda content: xml("artist", content))
_ARTISTS, _CREDITS = _list("artists", _CREDIT), _list("extraartists", _CREDIT)
_FLAT_TRACK = [_text("position"), _text("title"), _text("duration"), _ARTISTS, _CREDITS]
_SUB_TRACKS = _list("sub_tracks", _some(*_FLAT_TRACK).map(lambda content: xml("track", content)))
_TRACK = _some(*_FLAT_TRACK, _SUB_TRACKS).map(lambda content: xml("track", content))
_COMPANY = _some(
    _text("id", _REFERENCES),
    *(_text(tag) for tag in ("name", "catno", "entity_type", "entity_type_name", "resource_url")),
).map(lambda content: xml("company", content))
_DESCRIPTIONS = _some(_list("descriptions", _text("description")))
_URLS = _list("urls", _text("url"))
_COMMON = [_text("data_quality"), _IMAGES]
_CLASSED = [_list("genres", _text("genre")), _list("styles", _text("style")), _text("notes")]

CHILDREN: dict[Entity, list[st.SearchStrategy[str]]] = {
    Entity.ARTIST: [
        *_COMMON,
        *(_text(tag) for tag in ("name", "realname", "profile")),
        _URLS,
        _list("namevariations", _text("name")),
        *(_list(tag, st.one_of(_NAMED, _OLD_NAMED)) for tag in ("aliases", "groups", "members")),
    ],
    Entity.LABEL: [
        *_COMMON,
        *(_text(tag) for tag in ("name", "contactinfo", "profile")),
        _URLS,
        _attributed("parentLabel", _NAMES, id=_REFERENCES),
        _list("sublabels", _attributed("label", _NAMES, id=_REFERENCES)),
    ],
    Entity.MASTER: [
        *_COMMON,
        *_CLASSED,
        _ARTISTS,
        _VIDEOS,
        _text("main_release", _REFERENCES),
        _text("year", _NUMBERS),
        _text("title"),
    ],
    Entity.RELEASE: [
        *_COMMON,
        *_CLASSED,
        *(_text(tag) for tag in ("title", "country", "released")),
        _ARTISTS,
        _CREDITS,
        _VIDEOS,
        _list("labels", _attributed("label", _NOTHING, name=TEXTS, catno=TEXTS, id=_REFERENCES)),
        _list("series", _attributed("series", _NOTHING, name=TEXTS, catno=TEXTS, id=_REFERENCES)),
        _list("formats", _attributed("format", _DESCRIPTIONS, name=TEXTS, qty=TEXTS, text=TEXTS)),
        _attributed("master_id", _REFERENCES, is_main_release=st.sampled_from(("true", "false"))),
        _list("tracklist", _TRACK),
        _list(
            "identifiers",
            _attributed("identifier", _NOTHING, type=TEXTS, value=TEXTS, description=TEXTS),
        ),
        _list("companies", _COMPANY),
    ],
}


@st.composite
def elements(draw: st.DrawFn, entity: Entity, ids: st.SearchStrategy[int] = IDS) -> str:
    """Draw one element of an entity, as XML."""
    number, content = str(draw(ids)), draw(_some(*CHILDREN[entity]))
    if entity is Entity.RELEASE and draw(st.booleans()):
        return xml("release", content or "\n", id=number, status=draw(TEXTS))
    if entity in (Entity.MASTER, Entity.RELEASE):
        return xml(entity.value, content or "\n", id=number)
    return xml(entity.value, xml("id", number) + content)
