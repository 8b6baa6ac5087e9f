"""A playbook's lines to tick."""

from app.domain.playbook import Item, Words, items, parts

BODY = """# First
Look calm.

- [ ] Look at the graph
- [x] Call the bank
- not a step

```
- [ ] code
```
* [ ] Look at the graph
"""


def test_S18_130_lines_of_a_checklist_are_steps_and_the_rest_stays_words() -> None:
    found = parts(BODY)
    assert [each.text for each in items(BODY)] == ["Look at the graph", "Call the bank", "Look at the graph"]
    assert [type(each) for each in found] == [Words, Item, Item, Words, Item]
    assert "- [ ] code" in found[3].text


def test_a_step_keeps_its_key_while_its_words_stay_and_twins_have_two() -> None:
    keys = [each.key for each in items(BODY)]
    assert len(set(keys)) == 3
    moved = "- [ ] New first\n" + BODY.replace("Call the bank", "Call the other bank")
    assert [each.key for each in items(moved)][1] == keys[0]
    assert keys[1] not in {each.key for each in items(moved)}
    assert items("") == []
