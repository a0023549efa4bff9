"""The words of the blocker codes about break-glass and its review."""

from __future__ import annotations

from handlers.views.reason_row import Words, blocked, waits

# fmt: off
OVERRIDES: dict[str, Words] = {
    "override.off": blocked("A policy with break-glass", "a policy without break-glass",
        "The policy of {version} has no break-glass: nobody can pass a gate."),
    "override.never": blocked("A gate that may be passed", "a gate that is never passed",
        "“{gate}” is never passed: what ships is what was approved, built and tested, and the policy can protect "
        "more."),
    "override.nothing": blocked("A gate that may be passed", "no gate that may be passed",
        "Nothing that holds {version} up now can be passed by override."),
    "override.which": blocked("A gate that holds it up", "a gate that does not hold it up",
        "“{gate}” does not hold {version} up now. What can be passed: {open}."),
    "override.code": blocked("The gate", "a missing name", "Name the one gate that cannot wait: {open}."),
    "override.stands": blocked("A gate that is not passed", "a gate that is passed",
        "{by} and {second} have passed it already{on}."),
    "override.second": waits("A second person", "to confirm the override",
        "{by} asked for it{on}, so another person has to confirm it: {who}."),
    "override.signed": blocked("Somebody who has not signed", "a person who has signed",
        "{by} approved as {signed} already, and nobody counts twice. {who} can."),
    "override.passed": blocked("Somebody who has passed nothing", "a person who has passed another approval",
        "{by} passed “{title}” by override{on}, and nobody counts twice. {who} can."),
    "drill.gone": blocked("A drill that waits", "a drill that is over",
        "That drill is over. `/release drill` begins another one."),
    "drill.choice": blocked("A decision", "a missing decision", "Say how you decide: {one_of}."),
    "rehearse.one": blocked("A channel without a rehearsal", "a rehearsal that goes on",
        "{by} rehearses in this channel. `/release rehearse end` ends that."),
    "rehearse.place": blocked("A channel of its own", "a channel where real releases have their cards",
        "Words that are typed here have to reach real releases. Rehearse in a channel of its own."),
    "policy.same": blocked("Another policy", "a policy that is the same",
        "{version} is judged by the active policy, {serial}, already."),
    "policy.other": blocked("The policy that was shown", "a policy that changed meanwhile",
        "It is policy {serial} now. Look at it with `/release policy` and decide again."),
    "review": waits("The review of the override of “{title}”", "to review the override of “{title}”{review_due}",
        "{first} and {second} passed it{on}; the review {review_is}.", "review", "Review…"),
    "review.gone": blocked("An override without a review", "nothing to review",
        "No override of {version} waits for a review, or several do: then use the button of the one that you mean."),
    "review.right": blocked("Whether it was right", "a missing answer", "Say whether it was right."),
    "review.third": blocked("A third person", "a review by somebody else",
        "{by} and {second} passed it, and somebody else reviews it: {who}."),
}
# fmt: on
