"""The words of the blocker codes about retrospectives and their action items."""

from __future__ import annotations

from handlers.views.reason_row import Words, blocked, waits

# fmt: off
RETRO: dict[str, Words] = {
    "item.retrospective": waits("{title}", "to post the summary of the retrospective; {told}",
        "Its summary meets this: {told}. {who} can post it.", "retro_summary", "Post the summary…"),
    "retro.none": blocked("A retrospective", "a retrospective that is not open",
        "The retrospective of {version} opens when it is live."),
    "retro.held": blocked("An open retrospective", "a retrospective that is closed",
        "{by} closed it{on}. Answers can still be added.", "retro", "The retrospective"),
    "retro.nothing": blocked("An answer", "an empty answer", "Please answer at least one of the questions."),
    "retro.long": blocked("A shorter line", "a line that is too long", "A line has at most {most} characters."),
    "retro.full": blocked("Room", "a retrospective that is full", "It holds {most} lines. Join some of them to one."),
    "retro.question": blocked("One of the questions", "a missing question",
        "Say first to which question it belongs: well, wrong or better."),
    "retro.when": blocked("A time ahead", "a missing time",
        "Name a day and an hour ahead, within {days} days, for example `retro at thu 15:00`."),
    "retro.empty": blocked("An answer", "a retrospective in which nobody has said anything",
        "Nobody has said anything yet, and an empty retrospective was not held.", "retro", "Give feedback"),
    "action": waits("An action item: “{text}”", "to say what becomes of the action item “{text}”",
        "{owner} has it from the retrospective of {from}. Say whether it is done, goes on to the next release, or is "
            "dropped with a reason.", "actions", "Decide…"),
    "action.text": blocked("An action item in words", "missing words",
        "Please say what shall be done, in {least} to {most} characters."),
    "action.owner": blocked("An owner", "an owner whom I do not know", "Please choose who shall do it."),
    "action.due": blocked("A day ahead", "a day that is over", "Please choose a day from today on, within two years."),
    "action.full": blocked("Fewer open action items", "{most} open action items",
        "{most} action items are open. Decide about some of them first."),
    "action.none": blocked("An action item", "no open action item", "No action item is open here."),
    "action.which": blocked("Which action item", "a missing number", "Say which one by its number: {one_of}."),
    "action.gone": blocked("An action item of this release", "an action item that is not here",
        "There is no open action item {id} here. It may stand on the checklist of another release."),
    "action.decided": blocked("An open action item", "an action item that is {state}",
        "{by} said that it is {state}{on}."),
    "action.elsewhere": blocked("An action item on this checklist", "an action item that stands elsewhere",
        "“{text}” is on no checklist of this release yet; it comes back on the next one by itself."),
    "action.kept": blocked("An action item to decide", "an action item that goes on",
        "{by} has kept it for the next release already."),
}
# fmt: on
