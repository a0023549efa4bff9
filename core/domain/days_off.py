"""Which days are public holidays in a country, by name; every other question about days is in `calendar`.

The dates come with the `holidays` package: the same country and year give the same days, without looking anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class DaysOff:
    """The public holidays of a country (ISO 3166, `US`), or of a part of it (`CA`); "" has none."""

    country: str = ""
    subdivision: str = ""

    def name(self, day: date) -> str:
        """What the day is called, "" when it is no holiday."""
        return _year(self.country, self.subdivision, day.year).get(day, "") if self.country else ""

    def works(self, day: date) -> bool:
        """Whether it is a working day: Monday to Friday, and no holiday."""
        return day.weekday() < 5 and not self.name(day)

    def near(self, day: date, within: int) -> tuple[date, str] | None:
        """The holiday that lies nearest to a day, at most `within` days off; of two the one that comes first."""
        for away in range(within + 1):
            for found in (day - timedelta(days=away), day + timedelta(days=away)):
                if name := self.name(found):
                    return found, name
        return None


def fault_of(country: str, subdivision: str) -> str:
    """Why no holidays are known for these two, "" when they are."""
    if not country:
        return "names a part of a country, but no country" if subdivision else ""
    try:
        _year(country, subdivision, 2026)
    except NotImplementedError:
        known = _parts(country)
        if known is None:
            return f"no holidays are known for {country!r}; write two letters, for example US or DE"
        one_of = ", ".join(known) if known else "none"
        return f"{subdivision!r} is no part of {country} whose holidays are known; known are {one_of}"
    return ""


def _parts(country: str) -> tuple[str, ...] | None:
    import holidays

    return {k: tuple(v) for k, v in holidays.list_supported_countries().items()}.get(country)


@lru_cache(maxsize=256)
def _year(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    import holidays  # here, because it takes a tenth of a second and a policy without a country needs none of it

    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, language="en_US")
    return {day: str(name) for day, name in found.items() if day.year == year}
