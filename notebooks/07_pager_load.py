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
# # Who is being worn out?

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
report = reports.pager_load(tables, scope)
opening(report)

# %% [markdown]
# Interruptions by the hour of each person's own clock. This is no league table: it shows who needs relief.

# %%
show(report["people"])

# %% [markdown]
# ## Nights

# %%
show(report["nights"])

# %% [markdown]
# ## Fairly shared?
#
# Unequal by luck and unequal by design are told apart.

# %%
show(report["fairness"])

# %% [markdown]
# ## Shifts, and what incidents took

# %%
for name in ("shifts", "shifts-over", "effort"):
    show(report[name])

# %% [markdown]
# ## The hours

# %%
for name in ("kinds", "interruptions-by-hour"):
    show(report[name])

# %% [markdown]
# ## How we know

# %%
how(report)

# %% [markdown]
# ## What to decide

# %%
decide(report)
