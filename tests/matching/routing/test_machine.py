"""What is compiled once is compiled again when anything that it calls has changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from matching.routing import machine

CALLED = "from kept.machine import compiled\n\n@compiled\ndef answer():\n    return {}\n"
CALLER = """
from kept.called import answer
from kept.machine import compiled

@compiled
def ask():
    return answer()

print(ask(), sum(ask.stats.cache_hits.values()))
"""


@pytest.mark.timeout(600)
def test_a_change_of_what_is_called_is_seen_by_who_calls(tmp_path: Path) -> None:
    package = tmp_path / "kept"
    package.mkdir()
    shutil.copy(machine.__file__, package)
    (package / "caller.py").write_text(CALLER)
    told = []
    for answer in (1, 1, 2):
        (package / "called.py").write_text(CALLED.format(answer))
        told.append(_told(tmp_path))
    assert told == ["1 0", "1 1", "2 0"]


def _told(folder: Path) -> str:
    asked = [sys.executable, "-m", "kept.caller"]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout.strip()
