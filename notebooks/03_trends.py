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
# # Is volume or speed changing?

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
report = reports.trends(tables, scope)
opening(report)

# %% [markdown]
# Incidents first. Bars that are hollow are weeks cut by the window; they are left out of the fit.

# %%
show(report["incidents-by-week"])

# %% [markdown]
# The same for alerts, and which services the incidents come from.

# %%
for name in ("alerts-by-week", "rate"):
    show(report[name])

# %% [markdown]
# ## When they come
#
# Before any talk of seasons: the hours.

# %%
show(report["alerts-by-hour"])

# %% [markdown]
# ## Speed
#
# Each week's median with its interval; open incidents count as "at least this long".

# %%
show(report["acknowledge-by-week"])

# %% [markdown]
# And until resolved.

# %%
show(report["resolve-by-week"])

# %% [markdown]
# ## How we know

# %%
how(report)

# %% [markdown]
# ## What to decide

# %%
decide(report)
