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
# # What is one problem seen many times?

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
report = reports.fires_together(tables, scope)
opening(report)

# %% [markdown]
# How often two rules fired together.

# %%
show(report["matrix"])

# %% [markdown]
# ## Who leads
#
# The lag says which comes first; it does not say why.

# %%
show(report["lags"])

# %% [markdown]
# ## Groups

# %%
show(report["groups"])

# %% [markdown]
# ## The other half: what alerts miss

# %%
for name in ("missed", "missed-list"):
    show(report[name])

# %% [markdown]
# ## How we know

# %%
how(report)

# %% [markdown]
# ## What to decide

# %%
decide(report)
