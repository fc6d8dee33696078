"""The optional part of the package: the compiled walker (the rest is in pyproject.toml)."""

import logging
from importlib import import_module
from pathlib import Path
from typing import Any

from setuptools import Extension, setup

WALKER = "extractor.walkers.compiled"
FOLDER = "extractor/walkers"


def _arguments() -> dict[str, Any]:
    """Return what is to be compiled; where there is no compiler, setuptools warns and goes on."""
    try:
        import_module("Cython")
        lxml = import_module("lxml")
    except ImportError as error:
        logging.getLogger(__name__).warning("%s is left out: %s", WALKER, error)
        return {}
    walker = Extension(
        WALKER,
        [f"{FOLDER}/compiled.pyx"],
        include_dirs=[*lxml.get_include(), FOLDER],
        depends=[f"{FOLDER}/shapes.h", *map(str, Path(FOLDER).glob("*.pxd"))],
        extra_compile_args=["-O3"],
        optional=True,
    )
    # Generated C goes where objects go, not beside the sources.
    return {"ext_modules": [walker], "options": {"build_ext": {"cython_c_in_temp": True}}}


setup(**_arguments())
