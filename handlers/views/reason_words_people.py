"""The words of the blocker codes about who fills a role, who stands in and when people work."""

from __future__ import annotations

from handlers.views.reason_row import Words, blocked

# fmt: off
ROSTER: dict[str, Words] = {
    "cast.nothing": blocked("A change", "nothing to change", "Everybody fills the roles that they filled before."),
    "cast.not_holder": blocked("A holder of the role", "{person}, who does not hold the role {role}",
        "{person} does not hold the role {role}. Choose one of those who do: {who}."),
    "cast.away": blocked("Somebody who is there", "{person}, who is away",
        "{person} is away until {until}, and nobody stands in. Choose another {role}."),
    "cast.starter": blocked("Somebody else than who started it", "{person}, who started it",
        "{person} started {version}, so nobody can sign there for {person} as {role}. Choose another {role}."),
    "cast.twice": blocked("Two people for two roles", "{person} in two roles",
        "{person} would have to sign for both {roles}. Choose another {last}."),
    "first_counts": blocked("One signature of the two", "a signature that is given",
        "{by} has signed as {role} already{on}, and the first of the two counts."),
    "not_self.lent": blocked("A second pair of eyes", "an approval by somebody else",
        "You stand in for {stands_for}, who started {version} and cannot approve it; nor can you in that place."),
    "one_role.lent": blocked("Two people for two roles", "a signature by another person",
        "You stand in for {stands_for}, and one of you signed as {signed}. Two roles need two people."),
    "not_author.lent": blocked("Somebody who did not write it", "an approver who wrote none of it",
        "You stand in for {stands_for}, and one of you wrote a commit in {version} ({commits}), so somebody else "
            "approves it."),
    "delegation_over": blocked("A delegation that holds", "a delegation that is over",
        "You stood in for {holder} until {until}; that is over. Thank you. {who} can answer now."),
    "delegation_over.away": blocked("Somebody who is there", "an absence",
        "You are away until {away}, so you stand in for nobody now. {who} can answer."),
    "delegation_over.back": blocked("An absence to stand in for", "{holder}, who is there",
        "You stand in for {holder} only in an absence, and {holder} is there. {who} can answer."),
    "delegate.self": blocked("Another person", "oneself", "Nobody stands in for themselves. Name somebody else."),
    "delegate.unknown": blocked("Somebody I know", "a person I do not know",
        "{person} is not among the people of the policy and holds none of its roles. Name somebody who is."),
    "delegate.no_role": blocked("A role of yours", "a role that is not yours",
        "You can lend only a role that you hold yourself; yours: {mine}."),
    "delegate.past": blocked("A day ahead", "a day that is over", "{until} is over. Name a day ahead."),
    "delegate.long": blocked("A shorter time", "a time that is too long",
        "At most {days} days; hand the role over in the policy for longer."),
    "delegate.away": blocked("Somebody who is there", "{person}, who is away",
        "{person} is away from {first} until {until}. Name somebody else."),
    "delegate.circle": blocked("Somebody who has not lent to you", "a circle",
        "{person} has named you to stand in, so you cannot stand in for each other. Name somebody else."),
    "delegate.twice": blocked("Somebody who signs once", "{person}, who signs already",
        "{person} also signs as {role} on {version}. Name somebody else."),
    "delegate.both": blocked("A delegate for each role", "{person} in two roles",
        "{person} would have to sign for both {roles} on {version}. Name one for each: add `as` and the role."),
    "delegate.started": blocked("Somebody who did not start it", "{person}, who started it",
        "{person} started {version} and cannot approve it as {role}. Name somebody else."),
    "away.when": blocked("A day", "a missing day", "Say until when, for example `away 21 dec 4 jan`."),
    "away.ends": blocked("An end after the beginning", "an end before the beginning",
        "That ends before it begins."),
    "away.past": blocked("A day ahead", "a time that is over", "{until} is over. Name a day ahead."),
    "away.long": blocked("A shorter time", "a time that is too long", "At most {days} days."),
    "hours": blocked("A working day", "hours that are none",
        "A working day begins before it ends, and the week has at least one."),
}
# fmt: on
