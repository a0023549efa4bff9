"""All feature flags: whom each is on for in each environment, and who decides about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.domain.flags.model import ENVIRONMENTS, KINDS, Flag, Setting
from handlers.request import Message
from handlers.views import blocks as b
from handlers.views.marks import DONE, NOT_YET, RUNNING
from handlers.views.writing import Facts, counted, mention, plain, said

ROOM = 1_100  # characters of the lines of one kind
Found = Sequence[tuple[Flag, Mapping[str, Setting]]]
PRODUCTION = "production"


def flags(found: Found, ground: Facts) -> Message:
    """One line for each flag under its kind; those that production has on for somebody come first."""
    if not found:
        line = "There are no feature flags yet. `release-bot flags create` makes one, `release-bot flags set` turns it."
        return b.message(
            "There are no feature flags yet.", b.section(line), b.actions(b.button("All words", "help"), block_id="do")
        )
    live = [flag for flag, settings in found if not settings.get(PRODUCTION, Setting()).off]
    ordered = sorted(found, key=lambda one: (one[0] not in live, one[0].name))
    kinds = [(kind, [one for one in ordered if one[0].kind == kind]) for kind in KINDS]
    return b.message(
        f"{counted(len(found), 'feature flag')}, {len(live)} of them on for somebody in production.",
        b.header("Feature flags"),
        *(b.section(_kind(kind, those, ground), kind) if those else None for kind, those in kinds),
        b.context("`release-bot flags list` shows all of them, `release-bot flags set` changes one"),
        b.actions(b.button("Environments", "environments"), b.button("All words", "help"), block_id="do"),
    )


def _kind(kind: str, those: Found, ground: Facts) -> str:
    shown = [_line(flag, settings, ground) for flag, settings in those[:30]]
    return f"*{kind.capitalize()}*\n{b.lines(shown, ROOM, len(those))}"


def _line(flag: Flag, settings: Mapping[str, Setting], ground: Facts) -> str:
    on = [e for e in reversed(ENVIRONMENTS) if not settings.get(e, Setting()).off]
    mark = NOT_YET if not on else DONE if PRODUCTION in on and settings[PRODUCTION].on else RUNNING
    places = ", ".join(f"{e} {whom(settings[e])}" for e in on) or "off everywhere"
    owner = mention(ground, flag.owner) if flag.owner.startswith("U") else said(flag.owner.partition(":")[2], 40)
    about = f" · {said(flag.description, 100)}" if flag.description else ""
    return f"{mark} `{said(flag.name)}` · {places} · {owner}{about}"


def whom(setting: Setting) -> str:
    """Whom it is on for, in words."""
    if setting.off:
        return "off"
    parts = ["on for everybody"] if setting.on else []
    parts += [f"{setting.percentage} %"] if setting.percentage else []
    parts += [counted(len(setting.user_ids), "person", "people")] if setting.user_ids else []
    told = " and ".join(parts)
    told += ", narrowed" if setting.constraints or setting.segments else ""
    told += f", {counted(len(setting.variants), 'variant')}" if setting.variants else ""
    parents = ", ".join(d.feature for d in setting.dependencies)
    return f"{told}, with {plain(parents, 200)}" if parents else told
