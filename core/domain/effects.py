"""What shall be done outside, as data. A unit of work writes these to the outbox; `bot/deliver.py` does them.

Kinds and bodies (all values JSON):
- `slack.post`  {place, moment, data}: place is team | stakeholders | support | thread | dm:<person>; `moment` names
  the text in `handlers/views`, `data` are its plain values. The text is made from `data` alone, so a repeated
  delivery is the same message.
  With `in_thread` it is said in the release's thread, because the channel has had its posts about the release.
- `slack.card`  {}: the first post of the release's living card in the team channel.
- `slack.ask`   {person}: the first post of the living approval request to one person.
- `slack.turn`  {person, gate}: the first post of a living message with the sign-offs that wait for one person.
- `slack.list`  {list}: the first post of a living checklist in the release's thread.
- `slack.run`   {run}: the first post of the living progress of a pipeline's run, in the thread; what begins it adds it.
- `slack.file`  {place, make, args, name, title, alt, text}: a file, with `text` (mrkdwn) above it. Its bytes are in no
  row: the maker called `make` (`bot/files.py`) makes them of `args` when it is sent. `place` as above, or
  channel:<its id>. `alt` describes a picture.
- `git.plan`    {purpose, order, attempt}: make the objects, report `git.planned` or `git.refused`.
- `git.push`    {purpose, order, plan}: publish, report `git.pushed`, `git.moved` or `git.refused`. Both get `check`
  (shipped versions to look for) when they are written.
- `git.try`     {order, head}: a promotion is planned and never published: report `git.tried`.
- `git.file`    {branch, files, message, at}: documents of a closed release are put on a branch; nothing reports it.
- `scope.read`  {base, branch, frozen}: the range, its difference and its pull requests become a draft: `scope.read`.
- `git.find`    {purpose, attempt, refs, base, branch, develop}: what is to be picked, reverted or carried: `git.found`.
- `flags.read`  {}: what it does to feature flags, and which are past their life: report `flags.read`.
- `fixes.read`  {base, branch}: the commits of the branch that base does not have: report `fixes.read`.
- `range.read`  {base, head, before, candidate, people, by}: what a candidate has beyond the one before, and what it
  has not any more, for people whose signatures fell: report `range.read`.
- `members.read` {}: read every role's group afresh, report `members.read`.
- `deploy`      {environment, kind, run, version, sha, builds}: simulated host; report `run.done` or `run.failed`. With
  `steps`, `previous`, `previous_sha`, `by` and `reason` a stored run is begun, which also reports `run.step`.
- `run.word`    {environment, run, word, by, reason}: what a person decided about a stored run reaches it.
- `environment.put` {environment, what, version, sha, by}: the host brings a candidate or develop there; of no release.
- `forge.milestone` {title, due | close}: a milestone on the host of the code is there (or closed).
- `forge.pull`  {head, base, title, body}: a pull request for what git could not merge.
- `forge.release` {tag, latest}: the final tag's page with the notes.
- `forge.latest` {tag}: that page is the one called latest, after a roll-back.
- `forge.deployment` {run, environment, sha, kind, state, said}: a run as a deployment there, in a lane of its own;
  of no release where the environment comes before staging.
- `forge.protect` {environment, sha, callback, installation}: a job of CI hears whether it may deploy; of no release.
- `forge.read`  {sha, milestone, pulls, keys, into}: checks, counts, titles and what could come in. All seven look
  first, report under their own name, and are done at once where there is no host.
- `others.look_again` {}: let every other open release look again at what it sees of this one and of what runs where.
  The engine adds it; without a release it is for all of them.

Who must decide about a row that cannot be delivered is asked by `slack.stuck`, which only `core/usecases/stuck.py`
writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

Kind = Literal[
    "slack.post",
    "slack.card",
    "slack.ask",
    "slack.turn",
    "slack.list",
    "slack.run",
    "slack.file",
    "git.plan",
    "git.push",
    "git.try",
    "git.find",
    "git.file",
    "scope.read",
    "fixes.read",
    "flags.read",
    "range.read",
    "members.read",
    "deploy",
    "run.word",
    "environment.put",
    "others.look_again",
    "forge.milestone",
    "forge.pull",
    "forge.release",
    "forge.latest",
    "forge.deployment",
    "forge.protect",
    "forge.read",
]

CLICK, MILESTONE, REMINDER = 0, 1, 2  # ranks: what a person waits for goes first


BOT = "release-bot"  # who acts, in the record, where nobody did


@dataclass(frozen=True, slots=True)
class Effect:
    """One outbox row to be. `lane` is relative to the release: rows of one lane go in order, one at a time."""

    kind: Kind
    lane: str
    body: Mapping[str, object] = field(default_factory=dict)
    rank: int = MILESTONE
    expires_at: datetime | None = None


def post(place: str, moment: str, rank: int = MILESTONE, *, expires_at: datetime | None = None, **data: Any) -> Effect:
    """A message. Thread and channel of the team share a lane, so that the story keeps its order."""
    lane = place if place.startswith("dm:") else {"thread": "team"}.get(place, place)
    return Effect("slack.post", lane, {"place": place, "moment": moment, "data": data}, rank, expires_at)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be sent: what people see of it, who makes it, and of what."""

    make: str
    name: str
    title: str
    text: str = ""
    alt: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    optional: bool = False  # what stands beside it is enough: where it cannot be sent, nobody is asked

    def body(self, place: str) -> dict[str, Any]:
        """The body of its outbox row."""
        about = {name: getattr(self, name) for name in ("make", "name", "title", "text", "alt")}
        more = {"optional": True} if self.optional else {}
        return {"place": place, **about, "args": dict(self.args), **more}


def within_budget(
    effects: Iterable[Effect], posts: int, most: int, outside: Collection[str] = ()
) -> tuple[int, int, tuple[Effect, ...]]:
    """How many posts the team's channel has had within its budget then, how many beside it just now, and the effects:
    what is over the budget goes to the thread. `outside` are moments that the budget does not count."""
    kept: list[Effect] = []
    beside = 0
    for effect in effects:
        if effect.body.get("place") == "team" and effect.body["moment"] in outside:
            beside += 1
        elif effect.kind == "slack.card" or effect.body.get("place") == "team":
            over = posts >= most and effect.kind == "slack.post"
            effect = replace(effect, body={**effect.body, "in_thread": True}) if over else effect
            posts += not over
        kept.append(effect)
    return posts, beside, tuple(kept)
