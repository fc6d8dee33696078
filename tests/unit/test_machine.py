"""How many cores and how much memory may be used, in containers and out of them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from common.machine import memory_share, usable_cores, usable_memory

ALL = len(os.sched_getaffinity(0))
MEMORY = psutil.virtual_memory().total
V2, V1 = "0::/app/web\n", "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n0::/\n"
SECONDS = 60


def root_with(folder: Path, own: str, files: Mapping[str, str]) -> Path:
    """Make the files in which Linux tells of control groups."""
    files = {"proc/self/cgroup": own} | {f"sys/fs/cgroup/{name}": files[name] for name in files}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        (V2, {"app/web/cpu.max": "100000 100000\n"}, 1),
        (V2, {"app/web/cpu.max": "20000 100000\n"}, 1),
        (V2, {"app/web/cpu.max": "max 100000\n", "app/cpu.max": "100000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "50000 100000\n"}, 1),
        (V2, {"cpu.max": "100000 100000\n"}, 1),
        (V2, {"app/web/cpu.max": "max 100000\n"}, ALL),
        (V2, {"other/cpu.max": "100000 100000\n"}, ALL),
        (V2, {"app/web/cpu.max": "6400000 100000\n"}, min(ALL, 64)),
        (V1, {"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        (
            V1,
            {
                "cpu/docker/abc/cpu.cfs_quota_us": "50000",
                "cpu/docker/abc/cpu.cfs_period_us": "100000",
            },
            1,
        ),
        (V1, {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, ALL),
        ("", {}, ALL),
    ],
)
def test_a_quota_is_no_more_than_it_says(
    own: str, files: Mapping[str, str], cores: int, tmp_path: Path
) -> None:
    assert usable_cores(root_with(tmp_path, own, files)) == cores


@pytest.mark.parametrize(
    ("own", "files", "memory"),
    [
        (V2, {"app/web/memory.max": "1000000\n", "app/memory.max": "max\n"}, 1_000_000),
        (V2, {"app/web/memory.max": "max\n", "app/memory.max": "2000000\n"}, 2_000_000),
        (V2, {"app/web/memory.max": "max\n"}, MEMORY),
        (V1, {"memory/memory.limit_in_bytes": "3000000\n"}, 3_000_000),
        (V1, {"memory/memory.limit_in_bytes": "9223372036854771712\n"}, MEMORY),
        ("", {}, MEMORY),
    ],
)
def test_memory_is_no_more_than_the_groups_allow(
    own: str, files: Mapping[str, str], memory: int, tmp_path: Path
) -> None:
    assert usable_memory(root_with(tmp_path, own, files)) == memory


def test_a_server_has_its_share_of_a_small_container(tmp_path: Path) -> None:
    root = root_with(tmp_path, V2, {"app/web/memory.max": "1600000000\n"})
    assert memory_share(4, 1 << 30, root) == 400_000_000
    assert memory_share(4, 300_000_000, root) == 300_000_000


def test_cores_that_a_process_is_not_bound_to_do_not_count() -> None:
    one = min(os.sched_getaffinity(0))
    program = (
        f"import os; os.sched_setaffinity(0, [{one}]);"
        "from common.machine import usable_cores; print(usable_cores())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=SECONDS
    )
    assert done.stdout == "1\n"
