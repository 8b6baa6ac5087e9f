"""Properties of every metric, tried on made-up stories: order, `as_of`, and groups that are split or merged."""

from dataclasses import replace

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from analytics import noise, response, volume
from tests.analytics.stories import BEGAN, DAYS, Story, moments, stories, told
from tests.analytics.test_rules import METRICS, SPAN, each_table, same
from tests.support.properties import EXAMPLES, patiently

# each makes a dozen tables; bin/fault tries 250. What fails is shown as found: to shrink it takes minutes
few = settings(patiently, max_examples=EXAMPLES // 20, phases=(Phase.explicit, Phase.reuse, Phase.generate))
names = st.sampled_from(sorted(METRICS))
LATER = BEGAN + pd.Timedelta(days=2 * DAYS)


@few
@given(stories, names, moments, st.integers(0, 9))
def test_the_order_of_rows_changes_nothing(tales: list[Story], name: str, at: pd.Timestamp, seed: int) -> None:
    tables = told(tales, LATER)
    mixed = each_table(tables, lambda rows: rows.sample(frac=1, random_state=seed).reset_index(drop=True))
    same(METRICS[name](tables, at), METRICS[name](mixed, at))


@few
@given(stories, names, moments)
def test_as_of_in_the_past_equals_what_was_read_then(tales: list[Story], name: str, at: pd.Timestamp) -> None:
    same(METRICS[name](told(tales, LATER), at), METRICS[name](told(tales, at), at))


@few
@given(stories, moments, st.lists(st.sampled_from("xyz"), min_size=14, max_size=14))
def test_groups_split_or_merged_hold_as_many(tales: list[Story], at: pd.Timestamp, split: list[str]) -> None:
    """Each count of a group is the sum of the groups it is split into, and merged again it is what it was."""
    tables = told(tales, LATER)

    def cut(rows: pd.DataFrame) -> pd.DataFrame:
        finer = [f"{team}{part}" for team, part in zip(rows["team"], split, strict=False)]
        return rows.assign(team=pd.Series(finer, index=rows.index, dtype="str"))

    fine = replace(tables, incidents=cut(tables.incidents), alerts=cut(tables.alerts))
    for counts in (_lengths, _shares, _rates):
        whole, parts = counts(tables, at), counts(fine, at)
        merged = parts.groupby(parts.index.astype("str").str[0]).sum()
        pd.testing.assert_frame_equal(merged, whole, check_names=False, check_index_type=False)


def _lengths(tables: object, at: pd.Timestamp) -> pd.DataFrame:
    durations = response.time_to_resolve(tables.incidents, as_of=at, events=tables.events)
    return response.summary(durations, by="team")[["n", "ended", "still_open"]].astype("int64")


def _shares(tables: object, at: pd.Timestamp) -> pd.DataFrame:
    shares = noise.actioned_share(tables.alerts, tables.events, as_of=at, by="team")
    return shares[["n", "judged", "actioned"]].astype("int64")


def _rates(tables: object, at: pd.Timestamp) -> pd.DataFrame:
    return volume.incident_rate(tables.incidents, as_of=at, by="team", events=tables.events, **SPAN)[
        ["n"]
    ].astype("int64")
