"""``python -m tests.fuzz TARGET``: fuzz it for some seconds; exits with 0 when all holds."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]  # Linux only

TARGETS = ("splitter", "walkers")
KEPT = Path(__file__).parent / "corpus"
_LONGEST_INPUT = 2_000
_SECONDS_PER_INPUT = 120
_MEGABYTES = 2_000


def main() -> None:
    """Read the command line and fuzz; libFuzzer ends the process."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--corpus", type=Path, default=Path(".cache/fuzz"))
    arguments = parser.parse_args()
    corpus = arguments.corpus / arguments.target
    corpus.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["extractor"]):
        target = import_module(f"tests.fuzz.{arguments.target}")
    options = {
        "max_total_time": arguments.seconds,
        "seed": arguments.seed,
        "max_len": _LONGEST_INPUT,
        "timeout": _SECONDS_PER_INPUT,
        "rss_limit_mb": _MEGABYTES,
        "artifact_prefix": f"{arguments.corpus}/{arguments.target}-",
    }
    switches = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], *switches, str(corpus), str(KEPT / arguments.target)], target.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
