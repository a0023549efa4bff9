"""What stakeholders and support would read: the same lines in plain words."""

from core.domain.notes.audiences import texts
from core.domain.notes.model import Heading, Line, Notes


def told(**lines: tuple[Line, ...]):
    return texts(Notes({Heading[name]: found for name, found in lines.items()}), "Anchor", "none", "#help")


def test_new_and_solved_apart_each_once_without_keys_and_code():
    found = told(
        FEATURES=(
            Line("#1", "Export to spreadsheet (AA-7)"), Line("#2", "Export to spreadsheet"), Line("#3", "Add `FLAG_X`"),
        ),
        IMPROVEMENTS=(Line("#4", "Faster search"), Line("#5", "See core/domain/x.py"), Line("#6", "As in #12")),
        FIXES=(Line("#7", "Leap years."),),
        SECURITY=(Line("#8", "Sessions end"),),
        API=(Line("api:x", "Removed endpoint `GET /x`"),),
    )  # fmt: skip
    assert found.stakeholders.gets == found.support.new == ("Export to spreadsheet", "Faster search")
    assert found.support.solved == ("Leap years",) and found.stakeholders.better == "1 fix."
    assert (found.support.downtime, found.support.contact) == ("none", "#help") and "Anchor" in found.support.say


def test_what_a_person_wrote_is_taken_as_it_stands():
    found = told(FEATURES=(Line("#1", "Rent/lease pages", edited_by="U0SANA"), Line("#2", "Rent/lease code")))
    assert found.support.new == ("Rent/lease pages",)


def test_known_issues_stand_where_they_are_looked_for():
    found = told(KNOWN=(Line("known", "Maps print without names"), Line("known", "Mails come late!")))
    assert found.support.known_issues == ("Maps print without names", "Mails come late!")


def test_long_texts_and_many_lines_are_bounded():
    found = told(FEATURES=tuple(Line(f"#{n}", f"Thing {n} " + "x" * 300) for n in range(50)))
    assert len(found.support.new) == 8 and max(map(len, found.support.new)) == 120
    assert told().support.new == () and told().stakeholders.better == ""
