"""What is no dump is refused; what is wrong with one record costs that record only."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.entities import LOAD_ORDER, Entity
from common.errors import DumpError
from extractor.framing.scanner import MOST_BAD
from extractor.framing.splitter import Splitter
from tests.unit.extractor.documents import LIMIT, block_sizes, cut_all, regular_record, wrapped

RECORD = b'<release id="1"><title>x</title></release>'
WHOLE = b"<releases>\n" + RECORD + b"\n</releases>\n"
BLOCKS = (1, 5, 100_000)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "it is empty"),
        (b" \n", "it has no <releases>"),
        (b"<artists></artists>", "root element is <artists>, not <releases>"),
        (b"<release><x/></release>", "root element is <release>"),
        (b"<html><body>503</body></html>", "root element is <html>"),
        (b"<!DOCTYPE html><html></html>", "DOCTYPE"),
        (
            b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
            "root element is <Error>",
        ),
        (b'<releases xmlns="http://example.org/">' + RECORD, "namespace"),
        (b'<d:releases xmlns:d="x">' + RECORD, "root element is <d:releases>"),
        (WHOLE.decode().encode("utf-16"), "UTF-16"),
        (WHOLE.decode().encode("utf-16-be"), "UTF-16"),
        (WHOLE.decode().encode("utf-16-le"), "UTF-16"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + WHOLE, "encoding ISO-8859-1"),
        (b"<?xml version='1.0' encoding = 'utf-16' ?>" + WHOLE, "encoding utf-16"),
        (
            b'<?xml version="1.0"?><!-- a -->\n<!DOCTYPE releases [<!ENTITY a "b">]>' + WHOLE,
            "DOCTYPE",
        ),
        (WHOLE.replace(b"\n", b'<!DOCTYPE x SYSTEM "y">', 1), "DOCTYPE"),
        (WHOLE.replace(b"x</title>", b"<!DOCTYPE x>"), "DOCTYPE"),
        (gzip.compress(WHOLE, mtime=0), "compressed twice"),
        (b"id,title\n1,x\n", "it is not XML: it begins with"),
        (WHOLE + b"x", "after </releases> there is more"),
        (WHOLE + WHOLE, "after </releases> there is more"),
        (WHOLE + b"\0\0", "after </releases> there is more"),
        (b"<releases/>" + RECORD, "after </releases> there is more"),
        (WHOLE + b"<!-- a --><?p ?>" + RECORD, "after </releases> there is more"),
        (WHOLE + b"<!-- a --><!DOCTYPE b>", "after </releases> there is more, at byte"),
        (WHOLE + b"<!-- a ->", "after </releases> there is more"),
        (WHOLE.replace(b"\n", b"\ngarbage\n"), "something between two records: b'garbage"),
        (WHOLE.replace(b"\n", b"\n<other/>\n"), "something between two records: b'<other/>"),
    ],
)
def test_no_dump(raw: bytes, reason: str, block: int) -> None:
    with pytest.raises(DumpError) as caught:
        cut_all(raw, Entity.RELEASE, block)
    assert reason in str(caught.value)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    "prolog",
    [
        b"\xef\xbb\xbf",
        b'<?xml version="1.0" encoding="UTF-8"?>\n',
        b"\xef\xbb\xbf<?xml version='1.0' encoding='us-ascii' standalone='yes'?>",
        b"<!-- <!DOCTYPE --><?pi <artists> ?>\n",
    ],
)
def test_what_may_come_before_the_root(prolog: bytes, block: int) -> None:
    cut = cut_all(prolog + WHOLE, Entity.RELEASE, block)
    assert cut.stems == [RECORD.removesuffix(b"</release>")]
    assert cut.offsets == [len(prolog) + len(b"<releases>\n")]


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("rest", [b"<!-- </releases> --> <?p <releases>?>\n", b"<!----><??>", b" "])
def test_what_may_come_after_the_root(rest: bytes, block: int) -> None:
    for whole, records in ((WHOLE, 1), (b"<releases/>", 0)):
        cut = cut_all(whole + rest, Entity.RELEASE, block)
        assert (len(cut.stems), cut.bad) == (records, [])


def test_what_comes_after_the_root_is_not_kept_without_bound() -> None:
    splitter = Splitter(Entity.RELEASE, LIMIT)
    splitter.feed(WHOLE + b"<!--")
    splitter.feed(b"a" * (LIMIT // 2))
    with pytest.raises(DumpError, match="after </releases> there is more"):
        splitter.feed(b"a" * LIMIT)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("raw", [b"<releases/>", b"<releases></releases>\n", b"<releases a='/' />"])
def test_an_empty_root_has_no_records(raw: bytes, block: int) -> None:
    cut = cut_all(raw, Entity.RELEASE, block)
    assert (cut.stems, cut.bad) == ([], [])


@pytest.mark.parametrize("entity", LOAD_ORDER)
def test_cut_short_at_any_byte(entity: Entity) -> None:
    raw = wrapped(entity, [regular_record(entity, 2), regular_record(entity, 1)]).rstrip()
    for length in range(len(raw)):
        for block in (3, len(raw)):
            with pytest.raises(DumpError):
                cut_all(raw[:length], entity, block)
    assert len(cut_all(raw, entity, 3).stems) == 2


def test_cut_short_says_where() -> None:
    with pytest.raises(DumpError, match="cut short: it ends at byte 20 before </releases>"):
        cut_all(WHOLE[:20], Entity.RELEASE, 6)


def test_a_start_without_any_end_is_given_up_soon() -> None:
    # A pattern that goes back over what it has matched would need hours.
    with pytest.raises(DumpError, match="does not begin with <releases>"):
        Splitter(Entity.RELEASE, 1000).feed(b"<" + b"a" * 1_000_000)


_NUMBERS = st.lists(st.integers(1, 9), min_size=1, max_size=5)


@given(st.data(), st.sampled_from(Entity), _NUMBERS)
def test_a_record_without_end_costs_itself_only(
    data: st.DataObject, entity: Entity, numbers: list[int]
) -> None:
    records = [regular_record(entity, number) for number in numbers]
    spoiled = data.draw(st.integers(0, len(records) - 1))
    end_tag = f"</{entity}>".encode()
    records[spoiled] = records[spoiled].removesuffix(end_tag)
    raw = wrapped(entity, records)
    cut = cut_all(raw, entity, data.draw(block_sizes(len(raw))))
    assert [stem + end_tag for stem in cut.stems] == records[:spoiled] + records[spoiled + 1 :]
    (bad,) = cut.bad
    assert bad.reason == "it has no end tag"
    assert bad.offset == raw.index(records[spoiled] + b"\n")
    assert bad.head.startswith(records[spoiled][:14])


@given(st.data(), st.sampled_from(Entity), _NUMBERS)
def test_a_record_too_long_costs_itself_only(
    data: st.DataObject, entity: Entity, numbers: list[int]
) -> None:
    records = [regular_record(entity, number) for number in numbers]
    spoiled = data.draw(st.integers(0, len(records) - 1))
    records[spoiled] = regular_record(entity, 5, "long " * 100)
    raw = wrapped(entity, records)
    if data.draw(st.booleans()):
        raw = raw.replace(b">\n<", b">\n<!-- one for the scanner -->\n<")
    cut = cut_all(raw, entity, data.draw(block_sizes(len(raw))), limit=300)
    end_tag = f"</{entity}>".encode()
    assert [stem + end_tag for stem in cut.stems] == records[:spoiled] + records[spoiled + 1 :]
    (bad,) = cut.bad
    assert bad.reason == "longer than 300 bytes"
    assert bad.offset == raw.index(records[spoiled])
    assert records[spoiled].startswith(bad.head[:200])


def test_a_record_too_long_is_not_held() -> None:
    splitter = Splitter(Entity.RELEASE, 10_000)
    splitter.feed(b'<releases>\n<release id="1">')
    for _ in range(1000):
        splitter.feed(b"<t>" + b"x" * 997)
        assert len(splitter._tail) < 12_000
    cut = splitter.feed(b"</release>\n" + RECORD + b"</releases>")
    assert (len(cut), cut.bad) == (1, [])
    splitter.finish()


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    ("spoiled", "head", "reason"),
    [
        (b"</release>", b"</release>", "its end tag has no start tag"),
        (b"<title>y</title></release>", b"<title>y", "its end tag has no start tag"),
        (b'<release id="3>y</release>', b'<release id="3>', "its end tag has no start tag"),
        (b'<release id="3"/>', b'<release id="3"/>', "it is empty"),
    ],
)
def test_odd_tags_cost_their_record_only(
    spoiled: bytes, head: bytes, reason: str, block: int
) -> None:
    other = RECORD.replace(b'"1"', b'"2"').replace(b"x", b'7" single')
    raw = b"<releases>\n" + RECORD + b"\n" + spoiled + other + b"</releases>"
    cut = cut_all(raw, Entity.RELEASE, block)
    assert [stem + b"</release>" for stem in cut.stems] == [RECORD, other]
    (bad,) = cut.bad
    assert bad.reason == reason
    assert bad.head.startswith(head)
    assert bad.offset == raw.index(b"\n" + spoiled) + 1


@pytest.mark.parametrize("block", BLOCKS)
def test_a_start_tag_without_end_costs_its_record_only(block: int) -> None:
    other = RECORD.replace(b'"1"', b'"2"')
    spoiled = b'<release id="3"'
    cut = cut_all(
        WHOLE.replace(RECORD, b"\n".join((RECORD, spoiled, other))), Entity.RELEASE, block
    )
    assert [stem + b"</release>" for stem in cut.stems] == [RECORD, other]
    (bad,) = cut.bad
    assert (bad.head, bad.reason) == (spoiled + b"\n", "its start tag has no end")


def test_what_is_kept_of_a_bad_record_is_its_own() -> None:
    spoiled = [
        b"y</release>",
        b'<release id="6"/>',
        b'<release id="5"><title>',
        b'<release id="7">',
    ]
    raw = WHOLE.replace(RECORD, b"\n".join([*spoiled[:3], RECORD, spoiled[3]]))
    cut = cut_all(raw, Entity.RELEASE, len(raw))
    assert [bad.head.rstrip() for bad in cut.bad] == spoiled
    assert [bad.whole for bad in cut.bad] == [False, True, False, False]


@pytest.mark.parametrize("limit", [10_000, 1_000_000])
def test_many_records_without_end_are_told_one_by_one(limit: int) -> None:
    # To look for the end of each through all that follows would need hours.
    record = b"<label><id>1</id><name>x</name>\n"
    raw = b"<labels>\n" + record * 20_000 + b"</labels>\n"
    cut = cut_all(raw, Entity.LABEL, 100_000, limit)
    assert not cut.stems
    assert [bad.offset for bad in cut.bad] == list(range(9, len(raw) - 10, len(record)))
    assert {bad.head for bad in cut.bad} == {record}


@pytest.mark.parametrize("record", [b"<label>\n", b"<label/>\n"])
def test_more_bad_records_than_a_dump_has_room_for_are_refused(record: bytes) -> None:
    raw = b"<labels>\n" + record * (MOST_BAD + 2) + b"</labels>\n"
    with pytest.raises(DumpError, match=r"at byte \d+ there have been more than 100000 bad"):
        cut_all(raw, Entity.LABEL, len(raw))


def test_records_without_end_that_each_need_another_look_are_refused_in_the_end() -> None:
    raw = b"<labels>\n" + b"<label><!-- xxxxxxxxxx\n" * 1_000 + b"</labels>\n"
    with pytest.raises(DumpError, match="longer than 100 bytes or without an end, after 100 of"):
        cut_all(raw, Entity.LABEL, 1_000, limit=100)


@pytest.mark.parametrize("start", [b"<label ", b'<label a="', b"\n<label a='"])
def test_start_tags_without_end_are_given_up_soon(start: bytes) -> None:
    # As above: none of many may be read to the end of all.
    cut = cut_all(b"<labels>" + start * 30_000 + b"</labels>", Entity.LABEL, 10_000_000, 10_000_000)
    assert [bad.reason for bad in cut.bad] == ["its start tag has no end"]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_comment_without_end_costs_one_record_once_it_is_too_long(block: int) -> None:
    spoiled = b'<release id="5"><!-- ' + b"x" * 200
    raw = WHOLE.replace(RECORD, b"\n".join([RECORD, spoiled, *[RECORD] * 5]))
    cut = cut_all(raw, Entity.RELEASE, block, limit=300)
    assert len(cut.stems) == 6
    assert [bad.offset for bad in cut.bad] == [raw.index(spoiled)]


def test_a_comment_without_end_does_not_make_a_dump_whole() -> None:
    with pytest.raises(DumpError, match="cut short"):
        cut_all(WHOLE.replace(b"<title>", b"<!-- "), Entity.RELEASE, 1000)
