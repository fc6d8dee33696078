"""What fuzzing starts from and what it has found: all of it still holds."""

from importlib import import_module
from pathlib import Path

import pytest

from extractor.walkers import choose_walkers

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}, {path.name}")
def test_what_fuzzing_has_tried_holds(path: Path) -> None:
    target = path.parent.name
    if target == "walkers" and choose_walkers(compiled=True) is None:
        pytest.skip("the compiled walker was not built")
    import_module(f"tests.fuzz.{target}").check(path.read_bytes())
