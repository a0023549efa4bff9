"""A process is dead when its lock can be taken, and not a moment before."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from core.store.owners import Owner


def test_the_living_are_not_dead_and_do_not_see_themselves(tmp_path: Path) -> None:
    with Owner.register(tmp_path) as one, Owner.register(tmp_path) as two:
        assert one.id != two.id
        assert one.dead() == two.dead() == []


def test_who_left_cleanly_leaves_nothing(tmp_path: Path) -> None:
    with Owner.register(tmp_path) as one:
        Owner.register(tmp_path).leave()
        assert one.dead() == []
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_file_without_its_lock_is_a_dead_process_until_it_is_forgotten(tmp_path: Path) -> None:
    with Owner.register(tmp_path) as one:
        (one.directory / "4711-gone").touch()
        assert one.dead() == one.dead() == ["4711-gone"]
        one.forget(["4711-gone"])
        one.forget(["4711-gone"])  # another process was quicker
        assert one.dead() == []


def test_who_is_just_being_born_is_not_dead(tmp_path: Path) -> None:
    with Owner.register(tmp_path) as one:
        (one.directory / ".new-4711").touch()
        assert one.dead() == []


def test_asking_takes_no_lock_away(tmp_path: Path) -> None:
    with Owner.register(tmp_path) as one:
        path = one.directory / "4711-gone"
        path.touch()
        one.dead()
        descriptor = os.open(path, os.O_RDWR)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert one.dead() == []
        os.close(descriptor)
