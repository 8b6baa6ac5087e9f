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
# # Did that change work?

# %% tags=["parameters"]
source = "sample"  # or a database URL, a folder of an export, or a CSV or Parquet file
start = None  # the first day of the window; None: 12 weeks before its end
end = None  # the end of the window, not part of it; None: as_of
as_of = None  # the moment whose knowledge is used; None: the last one the source tells of
team = None  # one team's name; None: all
zone = "Europe/Riga"  # the report speaks in this time zone
seed = 20260105  # of the sample, and of everything drawn by chance
changed = None  # the day of the change, such as "2025-09-01"; None: the middle of the window

# %%
import analytics
from analytics import reports
from analytics.card import Scope
from analytics.show import decide, how, opening, show

tables = analytics.read(source, seed=seed).of_team(team)
scope = Scope(analytics.window(tables, start, end, as_of, zone), zone)
report = reports.did_it_improve(tables, scope, changed, seed=seed)
opening(report)

# %% [markdown]
# As long after the change as there is, against as long before it. The two curves part where the change shows.

# %%
show(report["acknowledge-before-after"])

# %% [markdown]
# The same until resolved.

# %%
show(report["resolve-before-after"])

# %% [markdown]
# ## Could we have seen it?
#
# Before anybody draws a conclusion: how many incidents a side it takes.

# %%
show(report["needed"])

# %% [markdown]
# ## What pure noise looks like
#
# Made-up periods in which everything truly got 10 % faster, and how often an average still looks worse.

# %%
show(report["noise"])

# %% [markdown]
# ## How we know

# %%
how(report)

# %% [markdown]
# ## What to decide

# %%
decide(report)
