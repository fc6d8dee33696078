"""20 to 43: what can be wrong with the XML, or hidden in it."""

from tests.integration.bad_inputs.cases import (
    BAD,
    RELEASE,
    Bad,
    Case,
    Content,
    Place,
    instead,
    plain,
    release,
    whole,
    with_bad,
)

_NOT_WELL_FORMED = Bad("not well-formed")


def _other_start(start: str) -> Content:
    """Return a dump that begins otherwise."""
    return lambda place: whole(place).replace(b"<releases>", start.encode(), 1)


def _doctype(declarations: str, text: str) -> Content:
    """Return a dump with a DOCTYPE, and one record that refers to what is declared there."""

    def content(place: Place) -> bytes:
        declared = declarations.format(file=place.canary.as_uri(), http=place.address)
        body = with_bad(place, release(f"<title>{text}</title>"))
        return f"<!DOCTYPE releases {declared}>\n".encode() + body

    return content


def _late_doctype(place: Place) -> bytes:
    return with_bad(place, b'<!DOCTYPE r [<!ENTITY a "b">]>', release("<title>&a;</title>"))


def _without_end(place: Place) -> bytes:
    return with_bad(place, b'<release id="2"><title>x</title>#').replace(b"#\n", b"")


def _instruction(place: Place) -> bytes:
    return f'<?xml-stylesheet href="{place.address}/style"?>\n'.encode() + whole(place)


def _included(place: Place) -> bytes:
    href = place.canary.as_uri()
    included = f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" href="{href}"/>'
    return with_bad(place, release(f"<title>own</title><notes>{included}</notes>"))


def _entities(count: int, *, of: str) -> str:
    """Declare entities, each of ten of the one before."""
    declared = [f'<!ENTITY e0 "{of}">']
    declared += [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, count)]
    return f"[{''.join(declared)}]"


def _latin_1(place: Place) -> bytes:
    declared = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    bad = release("<title>caf\u00e9</title>").decode("utf-8").encode("latin-1")
    return declared + with_bad(place, bad)


_PAGE = b"<!DOCTYPE html>\n<html><body><h1>503 Slow Down</h1></body></html>"
_S3 = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
)
_DOCTYPE = ("DOCTYPE", "entities are not resolved")
_UTF_16 = ("UTF-16",)
_UNDEFINED = instead(release("<title>&lol9;</title>"))

CASES = (
    Case(
        20,
        "truncated",
        plain(lambda place: whole(place)[:-40]),
        ("cut short: it ends at byte", "before </releases>"),
    ),
    Case(
        21,
        "root not closed",
        plain(lambda place: whole(place).removesuffix(b"</releases>\n")),
        ("cut short: it ends at byte", "before </releases>"),
    ),
    Case(
        22,
        "dump of another entity",
        plain(lambda place: whole(place, RELEASE).replace(b"release", b"master")),
        ("<masters>, not <releases>",),
    ),
    Case(22, "HTML", plain(lambda _: _PAGE), ("DOCTYPE",)),
    Case(22, "HTML without DOCTYPE", plain(lambda _: _PAGE[15:]), ("<html>, not <releases>",)),
    Case(23, "error document of S3", plain(lambda _: _S3), ("<Error>, not <releases>",)),
    Case(24, "default namespace", plain(_other_start('<releases xmlns="urn:x">')), ("namespace",)),
    Case(24, "prefix", plain(_other_start('<d:releases xmlns:d="urn:x">')), ("<d:releases>",)),
    Case(25, "UTF-16", plain(lambda place: whole(place).decode().encode("utf-16")), _UTF_16),
    Case(25, "UTF-16 BE", plain(lambda place: whole(place).decode().encode("utf-16-be")), _UTF_16),
    Case(
        26,
        "declared as Latin-1",
        plain(_other_start('<?xml version="1.0" encoding="ISO-8859-1"?><releases>')),
        ("encoding ISO-8859-1",),
    ),
    Case(26, "Latin-1 declared as UTF-8", plain(_latin_1), quarantined=(_NOT_WELL_FORMED,)),
    Case(
        27,
        "invalid UTF-8",
        instead(release("<title>x</title>").replace(b"x<", b"\xc3\x28<")),
        quarantined=(_NOT_WELL_FORMED,),
    ),
    Case(28, "raw 0x07", instead(release("<title>\x07</title>")), quarantined=(_NOT_WELL_FORMED,)),
    Case(
        29,
        "reference to 0x07",
        instead(release("<title>&#7;</title>")),
        quarantined=(_NOT_WELL_FORMED,),
    ),
    Case(30, "NUL", instead(release("<title>\0</title>")), quarantined=(_NOT_WELL_FORMED,)),
    Case(
        31,
        "reference to a surrogate",
        instead(release("<title>&#xD800;</title>")),
        quarantined=(_NOT_WELL_FORMED,),
    ),
    Case(
        32,
        "bare ampersand",
        instead(release("<title>a & b</title>")),
        quarantined=(_NOT_WELL_FORMED,),
    ),
    Case(
        33, "mismatched tag", instead(release("<title>x</name>")), quarantined=(_NOT_WELL_FORMED,)
    ),
    Case(
        33,
        "end tag missing",
        instead(release("<title>x</title>").removesuffix(b"</release>")),
        quarantined=(Bad("it has no end tag"),),
    ),
    Case(
        33,
        "end tag and line break missing",
        plain(_without_end),
        quarantined=(Bad("it has no end tag"),),
        swallowed=(3,),
    ),
    Case(
        33,
        "start tag without end",
        instead(b'<release id="2"'),
        quarantined=(Bad("its start tag has no end"),),
    ),
    Case(
        34,
        "depth 300",
        instead(release("<a>" * 300 + "</a>" * 300)),
        quarantined=(Bad("depth"),),
        megabytes=150,
    ),
    Case(
        35,
        "11 MB of text",
        instead(release(f"<notes>{'x' * 11_000_000}</notes>")),
        quarantined=(Bad("not well-formed", kept=1_000_000),),
        megabytes=150,
    ),
    Case(
        36,
        "a million children",
        instead(release(f"<title>own</title>{'<new/>' * 1_000_000}")),
        records={BAD: {"title": "own"}},
        unknown="release/new",
        megabytes=300,
    ),
    Case(
        37,
        "CDATA",
        instead(release("<title><![CDATA[</release> & <b>]]></title>")),
        records={BAD: {"title": "</release> & <b>"}},
    ),
    Case(
        38,
        "comment inside text",
        instead(release("<title>a<!-- </release> -->b<?x y?>c</title>")),
        records={BAD: {"title": "abc"}},
    ),
    Case(
        39,
        "billion laughs",
        plain(_doctype(_entities(10, of="lol"), "&e9;")),
        _DOCTYPE,
        megabytes=150,
    ),
    Case(
        39,
        "billion laughs, declared late",
        plain(_late_doctype),
        ("at byte", "there is a DOCTYPE"),
    ),
    Case(39, "laughs declared nowhere", _UNDEFINED, quarantined=(Bad("lol9"),)),
    Case(
        40,
        "quadratic blow-up",
        plain(_doctype(_entities(1, of="x" * 100_000), "&e0;" * 10_000)),
        _DOCTYPE,
    ),
    Case(41, "XXE of a file", plain(_doctype('[<!ENTITY x SYSTEM "{file}">]', "&x;")), _DOCTYPE),
    Case(
        41,
        "file included",
        plain(_included),
        records={BAD: {"title": "own"}},
        unknown="release/notes/{http://www.w3.org/2001/XInclude}include",
    ),
    Case(
        42,
        "XXE by HTTP",
        plain(_doctype('[<!ENTITY x SYSTEM "{http}/x">]', "&x;")),
        _DOCTYPE,
    ),
    Case(42, "style sheet by HTTP", plain(_instruction)),
    Case(43, "external DTD", plain(_doctype('SYSTEM "{http}/dtd"', "x")), _DOCTYPE),
    Case(
        43,
        "parameter entity",
        plain(_doctype('[<!ENTITY % p SYSTEM "{http}/dtd"> %p;]', "x")),
        _DOCTYPE,
    ),
)
