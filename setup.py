"""The optional part of the package: what is compiled (the rest is in pyproject.toml)."""

import logging
from importlib import import_module
from pathlib import Path
from typing import Any

from setuptools import Extension, setup

CUTTING = "extractor.framing.compiled_cutter"
SHAPES = "extractor.walkers.compiled_shapes"
WALKER = "extractor.walkers.compiled_walker"
WALKERS_HEADERS = ("extractor/walkers/*.pxd",)
LOADERS = (
    "loaders.lazy_json.slicing",
    "loaders.lazy_json.picking",
    "loaders.postgres.compiled_plans",
    "loaders.postgres.compiled_encoder",
)
LOADERS_HEADERS = ("loaders/lazy_json/*.pxd", "loaders/postgres/*.pxd")


def _arguments() -> dict[str, Any]:
    """Return what is to be compiled; where there is no compiler, setuptools warns and goes on."""
    try:
        import_module("Cython")
        lxml = import_module("lxml")
    except ImportError as error:
        logging.getLogger(__name__).warning("nothing is compiled: %s", error)
        return {}
    extensions = [
        _extension(CUTTING, ()),
        _extension(SHAPES, WALKERS_HEADERS),
        _extension(WALKER, WALKERS_HEADERS, lxml.get_include()),
        *(_extension(name, LOADERS_HEADERS) for name in LOADERS),
    ]
    # Generated C goes where objects go, not beside the sources.
    options = {"build_ext": {"cython_c_in_temp": True}}
    return {"ext_modules": extensions, "options": options}


def _extension(name: str, headers: tuple[str, ...], folders: list[str] | None = None) -> Extension:
    return Extension(
        name,
        [f"{name.replace('.', '/')}.pyx"],
        include_dirs=folders or [],
        depends=[str(path) for pattern in headers for path in sorted(Path().glob(pattern))],
        extra_compile_args=["-O3"],
        optional=True,
    )


setup(**_arguments())
