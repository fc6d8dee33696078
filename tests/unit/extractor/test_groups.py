"""A group of raw records becomes batches; what spoils one record costs that record only."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.entities import Entity
from common.messages import BODY_LIMIT, MESSAGE_LIMIT, decode_records
from common.run_rules import as_signed
from extractor.framing.raw_records import RawRecord, RawRecords
from extractor.parsing.groups import Group, Parsed
from tests.unit.extractor.documents import cut_all
from tests.unit.extractor.elements import elements
from tests.unit.extractor.groups import Parse, group_of, record
from tests.unit.extractor.naive import read


def assert_each_once(parsed: Parsed, records: int) -> None:
    """Each position is in one batch or among the bad."""
    sent = [position for positions in parsed.positions for position in positions]
    assert sorted(sent + [position for position, _ in parsed.bad]) == list(range(records))


def release(number: int, title: str = "x") -> str:
    """Return a release of this title."""
    return record(Entity.RELEASE, number, f"<title>{title}</title>")


SPOILERS = {
    "mismatched tag": (b"<title>x</titel>", "mismatch"),
    "bare ampersand": (b"<title>Simon & Garfunkel</title>", "not well-formed"),
    "bell": (b"<title>\x07</title>", "not well-formed"),
    "escaped bell": (b"<title>&#7;</title>", "not well-formed"),
    "NUL": (b"<title>\0</title>", "not well-formed"),
    "invalid UTF-8": (b"<title>\xff\xfe</title>", "not well-formed"),
    "surrogate in UTF-8": (b"<title>\xed\xa0\x80</title>", "not well-formed"),
    "undefined entity": (b"<title>a&nbsp;b</title>", "nbsp"),
    "surrogate": (b"<title>&#xD800;</title>", "not well-formed"),
    "depth": (b"<t>" * 300 + b"</t>" * 300, "depth"),
    "text of 11 MB": (b"<notes>" + b"x" * 11_000_000 + b"</notes>", "not well-formed"),
    "bad id": (b"", "two ids, 2 and 20"),
    "two records": (b'</release><release id="2">', "not well-formed"),
    "closes the group": (b"</release></_><_><release>", "not well-formed"),
}


@pytest.mark.parametrize("spoiler", SPOILERS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_spoiled_record_costs_itself_only(parse: Parse, spoiler: str, place: int) -> None:
    body, reason = SPOILERS[spoiler]
    raws: list[str | bytes] = [release(1), release(2), release(3)]
    number = 20 if spoiler == "bad id" else place + 1
    raws[place] = b'<release id="%d">%s</release>' % (number, body)
    parsed = parse(group_of(Entity.RELEASE, raws))
    ((position, found),) = parsed.bad
    assert position == place
    assert reason.replace("2 and", f"{place + 1} and") in found
    ((*batch,),) = map(decode_records, parsed.bodies)
    good = [number for number in (1, 2, 3) if number != place + 1]
    assert [one["id"] for one in batch] == good
    assert all(one["data"] == {"title": "x"} for one in batch)
    assert_each_once(parsed, 3)


def test_text_is_kept_whatever_stands_in_it(parse: Parse) -> None:
    raw = release(1, "a<!-- c -->b<?pi x?><![CDATA[</release>&]]>&lt;\U0001f3b5\u0091&#13;")
    (body,) = parse(group_of(Entity.RELEASE, [raw])).bodies
    (found,) = decode_records(body)
    assert found["data"] == {"title": "ab</release>&<\U0001f3b5\u0091\r"}


def test_no_entity_is_read_from_a_file(parse: Parse, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    raw = f'<!DOCTYPE r [<!ENTITY s SYSTEM "{secret.as_uri()}">]>' + release(1, "&s;")
    (body,) = parse(group_of(Entity.RELEASE, [raw])).bodies  # the splitter would refuse it
    assert decode_records(body)[0]["data"] == {}


def test_a_million_children_parse(parse: Parse) -> None:
    raw = record(Entity.ARTIST, 1, "<urls>" + "<url>u</url>" * 1_000_000 + "</urls>")
    (body,) = parse(group_of(Entity.ARTIST, [raw])).bodies
    assert len(orjson.loads(body)[0]["data"]["urls"]) == 1_000_000


@given(st.lists(st.sampled_from((1, 200_000, 499_900, 999_900, 1_200_000)), max_size=8))
def test_batches_stay_below_the_limit(parse: Parse, sizes: list[int]) -> None:
    raws: list[str | bytes] = [release(i, "x" * size) for i, size in enumerate(sizes, 1)]
    parsed = parse(group_of(Entity.RELEASE, raws))
    batches = [decode_records(body) for body in parsed.bodies]
    assert [one["id"] for batch in batches for one in batch] == list(range(1, len(sizes) + 1))
    for body, batch in zip(parsed.bodies, batches, strict=True):
        assert len(body) <= MESSAGE_LIMIT or len(batch) == 1
    for body, following in zip(parsed.bodies, batches[1:], strict=False):
        assert len(body) + len(orjson.dumps(following[0])) + 1 > MESSAGE_LIMIT
    assert_each_once(parsed, len(sizes))


def test_a_body_of_exactly_the_limit_is_one_batch(parse: Parse) -> None:
    def body_sizes(title: int) -> list[int]:
        return [
            len(b)
            for b in parse(group_of(Entity.RELEASE, [release(1, "x" * title), release(2)])).bodies
        ]

    (small,) = body_sizes(1)
    fitting = MESSAGE_LIMIT - small + 1
    assert body_sizes(fitting) == [MESSAGE_LIMIT]
    assert len(body_sizes(fitting + 1)) == 2


def test_what_no_message_can_hold_is_bad_alone(parse: Parse) -> None:
    long = release(2, '"' * (BODY_LIMIT // 2))
    parsed = parse(group_of(Entity.RELEASE, [release(1), long, release(3)]))
    ((position, reason),) = parsed.bad
    assert position == 1
    assert reason.endswith(f"bytes as a message, which may have {BODY_LIMIT}")
    assert [one["id"] for body in parsed.bodies for one in decode_records(body)] == [1, 3]
    assert_each_once(parsed, 3)


@pytest.mark.parametrize("fingerprint", [1, 2**63 - 1, 2**63, 2**64 - 1])
def test_fingerprints_travel_signed(parse: Parse, fingerprint: int) -> None:
    record = RawRecord(1, fingerprint, 0, b'<release id="1">')
    group = Group(Entity.RELEASE, RawRecords.of(Entity.RELEASE, [record]))
    ((found,),) = map(decode_records, parse(group).bodies)
    assert found["fingerprint"] == as_signed(fingerprint)
    assert -(2**63) <= found["fingerprint"] < 2**63
    assert found["fingerprint"] % 2**64 == fingerprint


@settings(max_examples=40)
@given(st.data(), st.sampled_from(Entity))
def test_what_is_decoded_is_what_a_naive_reader_reads(
    parse: Parse, data: st.DataObject, entity: Entity
) -> None:
    raws = [data.draw(elements(entity, st.just(number))) for number in (1, 2, 3)]
    _assert_decoded(raws, entity, parse(group_of(entity, list(raws))))


def _assert_decoded(raws: Sequence[str], entity: Entity, parsed: Parsed) -> None:
    found = [one for body in parsed.bodies for one in decode_records(body)]
    assert [(one["id"], one["data"]) for one in found] == [read(r.encode(), entity) for r in raws]
    assert [one["fingerprint"] for one in found] == [11 + i for i in range(len(raws))]


def test_an_excerpt_whole(parse: Parse, excerpts: Path) -> None:
    path = excerpts / "20260401" / "discogs_20260401_releases.xml.gz"
    raw = gzip.decompress(path.read_bytes())
    stems = cut_all(raw, Entity.RELEASE, len(raw)).stems
    records = [
        RawRecord(read(stem + b"</release>", Entity.RELEASE)[0], 5, 0, stem) for stem in stems
    ]
    parsed = parse(Group(Entity.RELEASE, RawRecords.of(Entity.RELEASE, records)))
    assert len(parsed.bodies) > 1
    assert not parsed.odd
    assert sum(len(positions) for positions in parsed.positions) == len(stems) == 404
    assert_each_once(parsed, len(stems))
