"""What can be chosen in forms, out of the facts."""

from __future__ import annotations

from collections import Counter

from core.domain.gates.shipping import SEVERITIES
from handlers.forms.recipe import Known
from handlers.views.inputs import Choice
from handlers.views.voices import FOUND, one_line
from handlers.views.writing import Facts, in_words, name, plain


def trains(facts: Facts, known: Known) -> list[Choice]:
    """The departures that are free, and its own."""
    found = []
    for t in known.get("trains") or ():
        if facts.get("train") and t.get("train", facts["train"]) != facts["train"]:
            continue  # a release keeps its train
        if not t.get("skipped") and (not t.get("version") or t.get("release") == facts.get("id")):
            here = " (now)" if t.get("at") == facts.get("departs_at") else ""
            found.append((f"{in_words(facts, t['at'])}{here}", str(t["at"])))
    return found


def all_trains(facts: Facts, known: Known) -> list[Choice]:
    """The departures without a release; of several trains with their names, of two at once the value has it too."""
    free = [t for t in known.get("trains") or () if not t.get("skipped") and not t.get("version")]
    several, hours = len({t["train"] for t in free}) > 1, Counter(t["at"] for t in free)
    return [
        (
            in_words(facts, t["at"]) + (f" ({plain(t['train'], 20)})" if several else ""),
            f"{t['at']} {t['train']}" if hours[t["at"]] > 1 else str(t["at"]),
        )
        for t in free
    ]


def train_names(facts: Facts, known: Known) -> list[Choice]:
    """The trains, where there are several."""
    names = list(dict.fromkeys(str(t["train"]) for t in known.get("trains") or ()))
    return [(plain(name, 40), name) for name in names] if len(names) > 1 else []


def into(facts: Facts, known: Known) -> list[Choice]:
    """The open releases that wait for a train and are not frozen yet."""
    return [
        (f"{plain(o['tag'])} ({o['type']}), in {o['phase']}", str(o["version"]))
        for o in known.get("others") or ()
        if o["id"] != facts.get("id") and o.get("train") and o["phase"] in ("planning", "development")
    ]


def among(facts: Facts, known: Known) -> list[Choice]:
    """The releases that can be meant, where several can."""
    found = [(f"*{plain(f['tag'])}*, in {plain(f['phase'])}", str(f["id"])) for f in known.get("among") or ()]
    return found if len(found) > 1 else []


def concerns(facts: Facts, known: Known) -> list[Choice]:
    """The open concerns."""
    return [
        (f"{plain(name(facts, c['by']))}: {plain(c['text'], 40)}", str(c["id"])) for c in facts.get("concerns") or ()
    ]


def reports(facts: Facts, known: Known) -> list[Choice]:
    """The reports that nobody has triaged."""
    return [(one_line(r), str(r["id"])) for r in facts.get("reports") or () if not r.get("found")]


def report_kinds(facts: Facts, known: Known) -> list[Choice]:
    """What can be reported about what is live; an incident calls people at once."""
    kinds = [("*Feedback*, nothing is broken", "feedback"), ("*A bug*, people can go on working", "bug")]
    return [*kinds, ("*An incident*: those on duty are called", "incident")]


def found_to_be(facts: Facts, known: Known) -> list[Choice]:
    """What a report can be found to be."""
    return [(f"{text[:1].upper()}{text[1:]}", value) for value, text in FOUND.items()]


def incidents(facts: Facts, known: Known) -> list[Choice]:
    """The open incidents."""
    return [(plain(i["text"], 55), str(i["id"])) for i in facts.get("incidents") or () if not i.get("resolved_at")]


def done_items(facts: Facts, known: Known) -> list[Choice]:
    """The items that this person may take back."""
    return [
        (plain(s["title"], 58), s["name"])
        for s in facts.get("signoffs") or ()
        if s.get("done") and known.get("person") in s.get("people", ())
    ]


def runs(facts: Facts, known: Known) -> list[Choice]:
    """The versions that production can be running."""
    production, run = (facts.get("environments") or {}).get("production") or {}, facts.get("run") or {}
    known_versions = [facts.get("version"), production.get("version"), production.get("previous"), run.get("target")]
    return [(f"v{plain(v)}", str(v)) for v in dict.fromkeys(known_versions) if v]


def severities(facts: Facts, known: Known) -> list[Choice]:
    """How bad it is, in three degrees."""
    return [(s[:1].upper() + s[1:], s) for s in SEVERITIES]


def kinds(facts: Facts, known: Known) -> list[Choice]:
    """The kinds that fit its departure."""
    family = ("minor", "major") if facts.get("train") else ("patch", "hotfix")
    return [(k, k) for k in family]
