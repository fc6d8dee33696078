"""What the name of a dump and the file of checksums beside it say."""

from pathlib import Path

import pytest

from common.dumps import find_dumps
from common.entities import LOAD_ORDER, Entity
from common.errors import DumpError

DIGESTS = {entity: f"{place}" * 63 + "f" for place, entity in enumerate(LOAD_ORDER)}


def dump(folder: Path, name: str) -> Path:
    """Make an empty file of this name."""
    path = folder / name
    path.touch()
    return path


def test_they_come_in_loading_order(tmp_path: Path) -> None:
    paths = [dump(tmp_path, f"discogs_20260401_{one.plural}.xml.gz") for one in LOAD_ORDER]
    for given in (paths, paths[::-1], [paths[2], paths[0], paths[3], paths[1]]):
        found = find_dumps(given)
        assert [one.entity for one in found] == list(LOAD_ORDER)
        assert [one.path for one in found] == paths
        assert {one.date for one in found} == {20260401}


@pytest.mark.parametrize(
    ("name", "entity", "date"),
    [
        ("discogs_20260401_releases.xml.gz", Entity.RELEASE, 20260401),
        ("discogs_20080309_labels.xml", Entity.LABEL, 20080309),
        ("masters-20240229.xml", Entity.MASTER, 20240229),
        ("99999999_artists_20260401.xml.gz", Entity.ARTIST, 20260401),
        ("123456789_artists_20260401.xml.gz", Entity.ARTIST, 20260401),
    ],
)
def test_entity_and_date_from_the_name(
    tmp_path: Path, name: str, entity: Entity, date: int
) -> None:
    (found,) = find_dumps([dump(tmp_path, name)])
    assert (found.entity, found.date, found.sha256) == (entity, date, None)


def test_a_date_given_is_the_date(tmp_path: Path) -> None:
    paths = [dump(tmp_path, "artists.xml"), dump(tmp_path, "discogs_20260401_labels.xml.gz")]
    assert [one.date for one in find_dumps(paths, 20250101)] == [20250101, 20250101]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("discogs_20260401_tracks.xml.gz", "its name says none of artists, labels"),
        ("artists.xml", "its name has no date of eight digits"),
        ("discogs_20261301_artists.xml", "its name has no date of eight digits"),
        ("discogs_20260230_artists.xml", "its name has no date of eight digits"),
        ("discogs_202604011_artists.xml", "its name has no date of eight digits"),
    ],
)
def test_a_name_that_says_too_little(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(DumpError, match=reason):
        find_dumps([dump(tmp_path, name)])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match="there is no such file"):
        find_dumps([tmp_path / "discogs_20260401_artists.xml.gz"])


def test_two_files_of_one_entity(tmp_path: Path) -> None:
    names = ("discogs_20260401_artists.xml.gz", "discogs_20260301_artists.xml.gz")
    with pytest.raises(DumpError, match="two files of artists"):
        find_dumps([dump(tmp_path, name) for name in names])


@pytest.mark.parametrize("between", [" ", "  ", " *"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_checksums_of_all_formats(tmp_path: Path, between: str, newline: str) -> None:
    names = {entity: f"discogs_20260401_{entity.plural}.xml.gz" for entity in LOAD_ORDER}
    lines = [f"{DIGESTS[entity]}{between}{names[entity]}" for entity in reversed(LOAD_ORDER)]
    listing = tmp_path / "discogs_20260401_CHECKSUM.txt"
    listing.write_text(newline.join(lines) + newline, encoding="utf-8", newline="")
    (tmp_path / "discogs_20260301_CHECKSUM.txt").write_text("f" * 64 + " other.xml.gz\n")
    found = find_dumps([dump(tmp_path, name) for name in names.values()])
    assert {one.entity: one.sha256 for one in found} == DIGESTS


def test_checksums_that_are_no_text_are_of_no_file(tmp_path: Path) -> None:
    (tmp_path / "discogs_20260401_CHECKSUM.txt").write_bytes(b"\xff\xfe\0")
    (found,) = find_dumps([dump(tmp_path, "discogs_20260401_artists.xml.gz")])
    assert found.sha256 is None


def test_checksums_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "discogs_20260401_CHECKSUM.txt").mkdir()
    with pytest.raises(DumpError, match=r"CHECKSUM\.txt: cannot be read"):
        find_dumps([dump(tmp_path, "discogs_20260401_artists.xml.gz")])


@pytest.mark.parametrize(
    "url", ["https://data.example/discogs_20260401_labels.xml.gz", "s3://bucket/labels.xml"]
)
def test_a_url_is_told_from_a_file(url: str) -> None:
    with pytest.raises(DumpError, match=f"^{url}: waxline reads files"):
        find_dumps([Path(url)])
