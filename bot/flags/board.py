"""The flags of each environment, compiled and kept up to date with the store, so that no answer waits for a database.

What was read stays and is answered from while the store is away. Counts of use are gathered here and written now and
then; a process that is killed loses those of the last seconds and nothing else.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bot.logging import log
from bot.rounds import Rounds
from core.domain.flags.evaluation import Flags
from core.domain.flags.model import Feature, Segment
from core.domain.flags.serving import feature_json, feature_of, segment_json
from core.errors import Busy
from core.store import flags
from core.store.clashes import DATABASE_FAULTS, words_of
from core.store.flags import FLAGS, Stored, Usage, flags_chain
from core.store.unit_of_work import Unit
from core.usecases.context import Context

LOOK_SECONDS = 0.25  # between two looks at what other processes changed
FLUSH_SECONDS = 20.0
MOST_COUNTED = 50_000  # flags and apps that are counted between two writes

_log = log("bot.flags.board")
Place = tuple[str, str, str, str]  # environment, flag, app, variant


class Shown:
    """One environment as it is answered from; the next state is another object."""

    __slots__ = ("_body", "_etag", "_parts", "environment", "flags", "names", "timed")

    def __init__(self, environment: str, flags_: Flags, names: dict[str, str], parts: dict[str, bytes]) -> None:
        self.environment, self.flags, self.names, self._parts = environment, flags_, names, parts
        self.timed = flags_.timed
        self._body: bytes | None = None
        self._etag = ""

    def after(self, rows: Sequence[Stored]) -> Shown:
        """With these rows in place of what was known of their flags."""
        changed: list[Feature] = []
        gone: list[str] = []
        names, parts = dict(self.names), dict(self._parts)
        for row in rows:
            old = names.pop(row.flag.key, "")
            if old and (row.flag.archived_at or old != row.flag.name):
                gone.append(old)
        for row in rows:
            if row.flag.archived_at is None:
                feature = feature_of(row.flag, row.setting)
                names[row.flag.key] = feature.name
                changed.append(feature)
        for name in gone:
            parts.pop(name, None)
        parts |= {f.name: _bytes(feature_json(f)) for f in changed}
        return Shown(self.environment, self.flags.with_changes(changed, gone), names, parts)

    @property
    def body(self) -> bytes:
        """The answer of `/api/client/features`."""
        if self._body is None:
            segments = _bytes([segment_json(s) for s in self.flags.segments])
            query = _bytes({"environment": self.environment})
            features = b",".join(self._parts[name] for name in sorted(self._parts))
            self._body = b'{"version":2,"features":[%b],"segments":%b,"query":%b}' % (features, segments, query)
        return self._body

    @property
    def etag(self) -> str:
        """Of everything that an answer depends on beside the context."""
        if not self._etag:
            self._etag = hashlib.sha256(self.body).hexdigest()[:32]
        return self._etag


def _bytes(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


@dataclass(slots=True)
class Board:
    """`environments` are those somebody has a token for."""

    ctx: Context
    environments: tuple[str, ...]
    look_seconds: float = LOOK_SECONDS
    _shown: dict[str, Shown] = field(default_factory=dict)
    _read: dict[str, int] = field(default_factory=dict)  # chain -> the entry up to which it is known
    _counted: dict[Place, list[int]] = field(default_factory=dict)
    _rounds: Rounds = field(init=False)
    _flushed: float = 0.0  # loop time
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _away: bool = False

    def __post_init__(self) -> None:
        self._rounds = Rounds("flags", self.look_seconds)

    def shown(self, environment: str) -> Shown:
        """What is answered from now. Raises KeyError for an environment that is not served."""
        return self._shown[environment]

    def wake(self) -> None:
        """Something was committed here; it may be a flag."""
        self._rounds.wake()

    async def run(self) -> None:
        """Look again and again, and write the counts now and then; nothing where nobody asks for flags."""
        self._flushed = asyncio.get_running_loop().time()
        if self.environments:
            await self._rounds.run(self._round)

    async def _round(self) -> int:
        changed = await self.once()
        now = asyncio.get_running_loop().time()
        if now - self._flushed >= FLUSH_SECONDS:
            self._flushed = now
            await self.flush()
        return changed

    async def once(self) -> int:
        """Read what is newer than what is known; returns how many environments changed. A store that is away is
        told once and looked for again."""
        if not self.environments:
            return 0
        try:
            async with self._looking, asyncio.timeout(10):
                changed = await self._refresh()
        except (TimeoutError, Busy, *DATABASE_FAULTS) as error:
            if not self._away:
                _log.warning("flags_not_read", why=words_of(error))
            self._away = True
            return 0
        self._away = False
        return changed

    async def open(self) -> None:
        """Read everything before the first answer. Raises what the store raises."""
        async with self._looking:
            await self._refresh()

    async def _refresh(self) -> int:
        changed = 0
        async with self.ctx.store.database.reader.connect() as conn:
            newest = await flags.seen(conn, self.environments)
            if newest == self._read:
                return 0
            back = any(newest[name] < known for name, known in self._read.items())  # another store was restored
            after = 0 if back else self._read.get(FLAGS, 0)
            segments = await flags.segments(conn)
            for environment in self.environments:
                known = None if back else self._shown.get(environment)
                if known is not None and set(known.flags.segments) != set(segments):
                    known = None
                chain = flags_chain(environment)
                since = (after, self._read.get(chain, 0)) if known is not None else (0, 0)
                if known is not None and (newest[FLAGS], newest[chain]) == since:
                    continue
                rows = await flags.of_environment(conn, environment, flags_after=since[0], settings_after=since[1])
                self._shown[environment] = (known or self._nothing(environment, segments)).after(rows)
                changed += 1
        self._read = dict(newest)
        return changed

    def _nothing(self, environment: str, segments: Iterable[Segment]) -> Shown:
        return Shown(environment, Flags((), segments, self.ctx.clock.now), {}, {})

    def count(self, environment: str, name: str, app: str, on: bool, variant: str = "", times: int = 1) -> None:
        """A flag was asked for; a flood of names is not followed further."""
        place = (environment, name, app, variant)
        found = self._counted.get(place)
        if found is None:
            if len(self._counted) >= MOST_COUNTED:
                return
            found = self._counted[place] = [0, 0]
        found[0 if on else 1] += times

    async def flush(self) -> None:
        """Write what was counted; while the store is away it is kept."""
        if not self._counted:
            return
        counted, self._counted = self._counted, {}
        day = self.ctx.clock.now().date().isoformat()
        by_place: dict[str, list[Usage]] = {}
        for (environment, name, app, variant), (yes, no) in counted.items():
            by_place.setdefault(environment, []).append(Usage(name, app, day, yes, no, variant))

        async def work(unit: Unit) -> None:
            for environment, used in by_place.items():
                await flags.count(unit, environment, used)

        try:
            await self.ctx.store.unit(work, verb="flag.count", interactive=False)
        except (Busy, *DATABASE_FAULTS) as error:
            _log.warning("flag_use_not_written", why=words_of(error))
            for (environment, name, app, variant), (yes, no) in counted.items():
                self.count(environment, name, app, True, variant, yes)
                self.count(environment, name, app, False, variant, no)
