"""The page `docs/gates.md` as text: what each gate and each checklist item looks at, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.checklist_rules import RULES, rule_words
from core.domain.gates import gates_of
from core.domain.lifecycle import TABLE
from core.domain.lifecycle_page import BEFORE_LINE, MADE, gate_words, table
from core.domain.policy import Policy, SignOff
from core.domain.policy_parts import LISTS
from core.domain.release import ReleaseType

# Where each gate looks: people's signatures and words, what git or the host of the code said, the hour, the record.
_SIGNED, _GIT, _HOUR, _RECORD, _SAID = (
    "signatures", "the repository, as last read", "the hour and the calendar", "the record", "what is said with it"
)  # fmt: skip
SOURCES = {
    "signoffs": "the checklist items below",
    **dict.fromkeys(("approvals", "unexpired", "signed_before", "one_role", "first_counts", "second_pair"), _SIGNED),
    **dict.fromkeys(("not_self", "not_author", "signable", "someone_joined"), "roles, Slack groups and commit e-mails"),
    **dict.fromkeys(
        (
            "scope_read", "candidate_read", "has_branch", "head_moved", "contains_production", "lacks_production",
            "branch_settled", "branch_ahead", "all_arrived", "notes_read", "no_stray", "version_free",
            "not_rolled_back", "branch_ready", "conflict_met",
        ),
        _GIT,
    ),
    **dict.fromkeys(
        ("scope_settled", "fixes_only", "no_breaking", "notes_complete", "picks_fit", "content_moved", "in_scope",
         "not_in_scope", "removable"), "the range in the repository, and what people wrote to it",
    ),
    "cast_fits": "roles, Slack groups and who is away",
    "on_host": "the policy",
    "flags_decided": "the difference of the code, and what people decided about flags",
    **dict.fromkeys(
        ("freeze_date", "freeze_day", "departure_free", "place_again", "notice", "edit_dates", "departure_missed",
         "window", "no_freeze", "by_train"), _HOUR,
    ),
    "told": "the announcements that Slack has taken",
    **dict.fromkeys(
        ("on_staging", "staging_wanted", "staging_free", "production_free", "production_known", "run_stopped",
         "run_running", "run_done", "run_failed", "checks_red", "rollback_stopped", "deploy_run", "rollback_run",
         "production_untouched", "in_production", "fixable", "way_back", "production_ours", "no_other_run",
         "lock_cleared", "fix_live", "not_being_fixed"), "the runs that the host reported, and the environments",
    ),
    **dict.fromkeys(
        ("reason", "early_reason", "severity", "flag_named", "edit_fits", "edit_given", "ref_given", "recordable",
         "merge_target", "signoff_open", "signoff_done", "unit_known", "acceptable", "result_given", "result_new",
         "carry_pair", "report_kind", "report_open", "override_fits", "override_pair", "review_open"),
        _SAID,
    ),
    **dict.fromkeys(("build_known", "same_build"), "the builds that were reported, and what staging got"),
}  # fmt: skip


def gates_page(policy: Policy) -> str:
    """`docs/gates.md`: every gate with where it looks, every item of the checklists with what meets it."""
    return "\n".join(
        (
            "# What each gate looks at",
            "",
            MADE.format(source="core/domain/lifecycle.py and release_policy.toml"),
            "",
            "A gate is a reason that can hold an event up. Nothing is taken as given: each gate reads a source,",
            "and a signature is asked for only where the strategy names a person.",
            "",
            "## Gates",
            "",
            *table(("gate", "what it asks for", "where it looks", "events"), map(_gate, gates_of())),
            "",
            "## Checklist items",
            "",
            "Evidence is a result that is reported for the candidate's commit ([how](evidence.md)); a rule reads the",
            "release's own record. Neither can be ticked by hand. A signature is a person's judgement.",
            "",
            *table(
                ("item", "title", "lists", "owner", "met by", "needed", "types"),
                (_item(policy, name, item) for name, item in policy.signoffs.items()),
            ),
            "",
            "## Rules",
            "",
            "An item with `met = \"automatic\"` names one of these under `by`.",
            "",
            *table(("rule", "it is met when"), ((f"`{name}`", rule_words(name)) for name in RULES)),
            "",
            "## What a signature still stands for",
            "",
            *table(("item", "why it is a signature"), STILL_SIGNED),
            "",
        )
    )


STILL_SIGNED = (
    ("`retro`", "whether the team has met is known to people: who leads retrospectives posts the summary, for which "
     "somebody has to have answered"),
    ("`schema.back`", "where neither the structure of the database nor the migrations' files tell that the version "
     "before runs on it, the tech lead judges, and somebody else rolls back"),
)  # fmt: skip


def _gate(name: str) -> tuple[str, ...]:
    events = ", ".join(f"`{row.event}`" for row in TABLE if name in row.gates)
    return f"`{name}`", gate_words(name), SOURCES.get(name, _RECORD), events


def _item(policy: Policy, name: str, item: SignOff) -> tuple[str, ...]:
    needed = BEFORE_LINE[item.gate] + (", after staging" if item.after_staging else "")
    met = {"evidence": f"evidence `{item.by}`", "automatic": f"rule `{item.by}`"}.get(item.met, "a signature")
    if item.met == "sign-off" and item.by == "approval":
        met = "the approval of the role where the type asks for it, else a signature"
    if item.met == "sign-off" and item.by == "retrospective":
        met = "the summary of the retrospective; a signature in a rehearsal"
    void = "; void with a new candidate" if item.met == "sign-off" and item.subject == "content" else ""
    lists = ", ".join(one for one in LISTS if one in item.lists) or "none"
    return f"`{name}`", item.title, lists, policy.title(item.role), met + void, needed, _types(item.types)


def _types(kinds: Iterable[ReleaseType]) -> str:
    found = set(kinds)
    return "all" if found == set(ReleaseType) else ", ".join(k.value for k in ReleaseType if k in found)
