"""The id glanced from raw bytes is the walker's id, or the walker is asked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.entities import ID_LIMIT, Entity
from common.store.protocol import BLOCK_SIZE
from extractor.framing.cutter import choose_cutter
from extractor.selecting.identifier import Identifier
from extractor.walkers import WALKERS, BadRecordError, Oddities
from extractor.walkers.elements import parse_one
from tests.unit.extractor.elements import IDS, elements
from tests.unit.extractor.groups import record

ARTIST, LABEL, MASTER, RELEASE = Entity


def identifier(entity: Entity) -> Identifier:
    """Return an entity's identifier."""
    return Identifier(entity)


def glance(entity: Entity, stem: bytes) -> int | None:
    """Return the id glanced, by whatever glances."""
    plain = identifier(entity).glance(stem)
    cutter = choose_cutter(entity, len(stem), compiled=True)
    stems, *_ = cutter.cut(stem + f"</{entity}>".encode(), 0)
    if len(stems) == 1 and stems[0] == stem:  # else it is the scanner's, and glanced at in Python
        assert stems.doubtful() == ([0] if plain is None else [])
        assert stems.blocks() == (set() if plain is None else {plain // BLOCK_SIZE})
    return plain


def stem_of(raw: str, entity: Entity) -> bytes:
    """Return a record without its end tag."""
    return raw.removesuffix(f"</{entity}>").encode()


_WRITTEN = st.one_of(
    st.integers(-1, ID_LIMIT + 1).map(str),
    IDS.map(str),
    st.sampled_from(("", "0", "007", "0000000001", "00000000001", " 1", "1 ", "1e3", "+1", "1_0")),
    st.sampled_from(("9999999999", "1" * 5000, "\uff11", "1<!-- -->2", "1<b/>2", "&#49;", "0x1")),
)
_IMAGES = '<images><image height="1" uri=""/></images>'
_BEHIND_IMAGES = (
    _IMAGES + "<id>{}</id>",
    _IMAGES + "<name>a</name><id>{}</id>",
    "<images/><id>{}</id>",
    "<images><!-- </images><id>5</id> --></images><id>{}</id>",
    "<images><?p </images><id>5</id> ?></images><id>{}</id>",
    "<images><![CDATA[</images><id>5</id>]]></images><id>{}</id>",
    "<images><id>5</id></images><id>{}</id>",
)
_SPELLINGS = {
    ARTIST: (
        *("<artist><id>{}</id>", "<artist>\n<id>{}</id>", "<artist><id >{}</id>"),
        *(f"<artist>{behind}" for behind in _BEHIND_IMAGES),
    ),
    LABEL: (
        *("<label><id>{}</id>", "<label><name>a</name><id>{}</id>", "<label x='1'><id>{}</id>"),
        *(f"<label>{behind}" for behind in _BEHIND_IMAGES),
    ),
    MASTER: ('<master id="{}">', "<master id='{}'>", '<master x="1" id="{}">'),
    RELEASE: ('<release id="{}">', '<release  id="{}">', '<release id="{}" status="Draft">'),
}


@settings(max_examples=300)
@given(st.data(), st.sampled_from(Entity), _WRITTEN)
def test_it_agrees_with_the_walker(data: st.DataObject, entity: Entity, written: str) -> None:
    spelling = data.draw(st.sampled_from(_SPELLINGS[entity]))
    stem = spelling.format(written).encode()
    glance(entity, stem)
    assert _answer(entity, stem) == _walked(entity, stem)


def _answer(entity: Entity, stem: bytes) -> int | None:
    try:
        return identifier(entity).identify(stem)
    except BadRecordError:
        return None


def _walked(entity: Entity, stem: bytes) -> int | None:
    try:
        return WALKERS[entity](parse_one(stem + f"</{entity}>".encode()), Oddities())[0]
    except BadRecordError:
        return None


@settings(max_examples=60)
@given(st.data(), st.sampled_from(Entity))
def test_recent_spellings_need_no_parser(data: st.DataObject, entity: Entity) -> None:
    number = data.draw(IDS)
    raw = data.draw(elements(entity, st.just(number)))
    assert glance(entity, stem_of(raw, entity)) == number


@pytest.mark.parametrize("entity", [ARTIST, LABEL])
def test_nor_does_an_id_behind_the_images_of_old_dumps(entity: Entity) -> None:
    stem = f"<{entity}>{_IMAGES}<id>7</id><name>a</name>".encode()
    assert glance(entity, stem) == 7


@pytest.mark.parametrize("entity", list(Entity))
@pytest.mark.parametrize("number", [0, ID_LIMIT, 10**10])
def test_an_id_out_of_bounds_is_no_id(entity: Entity, number: int) -> None:
    stem = stem_of(record(entity, number), entity)
    assert glance(entity, stem) is None
    with pytest.raises(BadRecordError):
        identifier(entity).identify(stem)


@pytest.mark.parametrize("digits", ["1", "12", "1234567890", "1" * 5000])
@pytest.mark.parametrize("entity", list(Entity))
def test_an_id_that_does_not_end_is_not_guessed(entity: Entity, digits: str) -> None:
    start = f"<{entity}><id>" if entity in (ARTIST, LABEL) else f'<{entity} id="'
    stem = (start + digits).encode()
    assert glance(entity, stem) is None
    with pytest.raises(BadRecordError, match="not well-formed"):
        identifier(entity).identify(stem)
