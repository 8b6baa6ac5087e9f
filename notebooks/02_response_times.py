# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How long do we take?

# %% tags=["parameters"]
source = "sample"  # or a database URL, a folder of an export, or a CSV or Parquet file
start = None  # the first day of the window; None: 12 weeks before its end
end = None  # the end of the window, not part of it; None: as_of
as_of = None  # the moment whose knowledge is used; None: the last one the source tells of
team = None  # one team's name; None: all
zone = "Europe/Riga"  # the report speaks in this time zone
seed = 20260105  # of the sample, and of everything drawn by chance

# %%
import analytics
from analytics import reports
from analytics.card import Scope
from analytics.show import decide, how, opening, show

tables = analytics.read(source, seed=seed).of_team(team)
scope = Scope(analytics.window(tables, start, end, as_of, zone), zone)
report = reports.response_times(tables, scope)
opening(report)

# %% [markdown]
# From detection to the first acknowledgement by a human. Open incidents count as "at least this long".
#
# ## Detection to acknowledge
#
# The line is each week's median and the band its 95 % interval; a week with fewer than 6 shows them one by one.

# %%
show(report["acknowledge-by-week"])

# %% [markdown]
# A worse severity should be picked up sooner: its curve falls further to the left.

# %%
show(report["acknowledge-by-severity"])

# %% [markdown]
# ## Detection to resolve
#
# Until the last resolve: an incident that was reopened and is open again counts as open.

# %%
show(report["resolve-by-week"])

# %% [markdown]
# By severity; then the mean of the first day, what is still open in it.

# %%
more = reports.lengths(tables, scope)
for card in (report["resolve-by-severity"], more["resolve-mean"]):
    show(card)

# %% [markdown]
# ## Which phase?
#
# Medians of phases do not add up, so they stand side by side; then the milestones, and both clocks.

# %%
for card in (report["phases"], more["milestones"], more["both-clocks"]):
    show(card)

# %% [markdown]
# ## Within target, and handed on

# %%
for name in ("acknowledge-within", "resolve-within", "handed-on"):
    show(report[name])

# %% [markdown]
# ## From firing to an answer
#
# The same question to the pages of single alerts: our engine, the push service, the person, and who came next.

# %%
alerts = reports.response_times(tables, scope, "alert")
for name in ("acknowledge-by-severity", "legs", "escalations"):
    show(alerts[name])

# %% [markdown]
# ## How we know

# %%
how(report, more, alerts)

# %% [markdown]
# ## What to decide

# %%
decide(report, more)
