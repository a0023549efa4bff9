"""A setting as plain values, for messages that are made again from what they carry."""

from __future__ import annotations

from typing import Any

from core.domain.flags.model import Setting


def facts_of(setting: Setting) -> dict[str, Any]:
    """Whom it is on for, without a name of anybody."""
    return {
        "off": setting.off,
        "on": setting.on,
        "share": setting.percentage,
        "people": len(setting.user_ids),
        "named": list(setting.user_ids[:3]),
        "narrowed": bool(setting.constraints or setting.segments),
        "variants": len(setting.variants),
        "parents": [d.feature for d in setting.dependencies],
    }
