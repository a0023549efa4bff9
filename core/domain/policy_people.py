"""The tables of the policy about people: working hours, the duties of each role, and the turns of the captains."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field

from core.domain.people import Hours
from core.domain.policy_parts import Frozen, Train
from core.domain.release import Phase

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
DAYS: tuple[Day, ...] = get_args(Day)
Stage = Literal["before", "during", "after"]
STAGES: tuple[Stage, ...] = get_args(Stage)  # of the strategy's table of roles
# What the bot sends by itself to those whose duty it is, by the name that a policy uses for it.
REMINDERS = {
    "go_hour": "go or no-go is asked at the hour of the departure",
    "failure": "a deployment that stops asks those who may decide",
    "live": "two hours after it went live I ask how it is",
}


class WorkingHours(Frozen):
    """When requests reach people: local wall time in each person's own zone; people may set other hours."""

    begins: time = Field(default=time(9), alias="from")
    ends: time = Field(default=time(17), alias="to")
    days: tuple[Day, ...] = Field(default=DAYS[:5], min_length=1)

    def hold(self, at: time, minutes: int) -> bool:
        """Whether something that begins then and takes so long begins and ends within the day."""
        return self.begins <= at and _minutes(at) + minutes <= _minutes(self.ends)

    @property
    def hours(self) -> Hours:
        """The same as the rules over the roster read it."""
        return Hours(_minutes(self.begins), _minutes(self.ends), tuple(DAYS.index(d) for d in self.days))


class Duty(Frozen):
    """One duty of a role. `met_by` says where its holder meets it: `item:<sign-off>`, `word:<word of /release>` or
    `reminder:<name>`."""

    text: str = Field(min_length=3, max_length=80)
    met_by: Annotated[str, Field(pattern=r"^(item|word|reminder):[a-z][a-z0-9_. -]{0,40}$")]

    @property
    def way(self) -> tuple[str, str]:
        """`("item", "retro")`."""
        kind, _, name = self.met_by.partition(":")
        return kind, name


class Duties(Frozen):
    """What a role has to do before, during and after a release."""

    before: Duty
    during: Duty
    after: Duty

    def at(self, stage: Stage) -> Duty:
        found: Duty = getattr(self, stage)
        return found


def stage_of(phase: Phase) -> Stage | None:
    """The stage of the strategy's table that a phase belongs to; None when the release has ended."""
    if phase in (Phase.CLOSED, Phase.CANCELLED):
        return None
    return {Phase.DEPLOYMENT: "during", Phase.POST_RELEASE: "after"}.get(phase, "before")  # type: ignore[return-value]


def captain(train: Train, departs: datetime) -> str:
    """Whose turn a departure is, as the policy names people; "" without a rotation.

    It follows from the date alone, so that a train that is skipped changes nobody's turn; a departure that was added
    in between is the turn of the one before it.
    """
    if not train.captains:
        return ""
    day: date = departs.astimezone(ZoneInfo(train.zone)).date()
    return train.captains[(day - train.anchor).days // (7 * train.every_weeks) % len(train.captains)]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
