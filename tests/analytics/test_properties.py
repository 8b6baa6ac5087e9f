"""Properties of every metric, tried on made-up stories: order and `as_of`. Of groups: `test_groups`."""

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.analytics.stories import BEGAN, DAYS, Story, moments, stories, told
from tests.analytics.test_rules import METRICS, each, each_table, same
from tests.support.properties import EXAMPLES, patiently

# each makes a dozen tables; bin/fault tries 125. What fails is shown as found: to shrink it takes minutes
few = settings(patiently, max_examples=EXAMPLES // 40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
LATER = BEGAN + pd.Timedelta(days=2 * DAYS)


@each
@few
@given(stories, moments, st.integers(0, 9))
def test_the_order_of_rows_changes_nothing(name: str, tales: list[Story], at: pd.Timestamp, seed: int) -> None:
    tables = told(tales, LATER)
    mixed = each_table(tables, lambda rows: rows.sample(frac=1, random_state=seed).reset_index(drop=True))
    same(METRICS[name](tables, at), METRICS[name](mixed, at))


@each
@few
@given(stories, moments)
def test_as_of_in_the_past_equals_what_was_read_then(name: str, tales: list[Story], at: pd.Timestamp) -> None:
    same(METRICS[name](told(tales, LATER), at), METRICS[name](told(tales, at), at))
