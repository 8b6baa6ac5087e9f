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
source = "sample"  # or a database URL, or a CSV or Parquet file of incidents or alerts
start = None  # the first day of the window; None: 12 weeks before its end
end = None  # the end of the window, not part of it; None: as_of
as_of = None  # the moment whose knowledge is used; None: the last one the source tells of
team = None  # one team's name; None: all
zone = "Europe/Riga"  # the report speaks in this time zone
seed = 20260105  # of the sample

# %%
from IPython.display import Markdown, display

import analytics
from analytics.decide import as_list, as_table, what_to_decide

tables = analytics.read(source, seed=seed).of_team(team)
window = analytics.window(tables, start, end, as_of, zone)
span = (window.since, window.until, window.as_of, zone)
incidents = analytics.review(tables.incidents, *span, events=tables.events)
Markdown(f"**{incidents.sentence}**\n\n*{incidents.header}*")

# %% [markdown]
# From detection to the first acknowledgement by a human, and from detection to resolved. Incidents that are
# still open count as "at least this long", so that the worst ones are not left out.
#
# ## Detection to acknowledge
#
# The line is each week's median and the band its 95 % interval; a week with fewer than 6 shows them one by one.


# %%
def show(sentence, figure, answer):
    display(Markdown(f"**{sentence}**"), figure, Markdown(f"*{answer.footer}*"))


answer = incidents.acknowledge
show(f"{answer.sentence} {answer.change_sentence}", answer.figure(), answer)

# %% [markdown]
# A worse severity should be picked up sooner: its curve falls further to the left. The shape on each curve is
# where half of them have been acknowledged.

# %%
show(answer.severity_sentence, answer.curves(), answer)
display(Markdown(as_table(answer.severities_in_words())))

# %% [markdown]
# ## Detection to resolve
#
# Until the last resolve: an incident that was reopened and is open again counts as open.

# %%
answer = incidents.resolve
show(f"{answer.sentence} {answer.change_sentence}", answer.figure(), answer)

# %%
show(answer.severity_sentence, answer.curves(), answer)
display(Markdown(as_table(answer.severities_in_words()) + f"\n\n{answer.beside}"))

# %% [markdown]
# ## Which phase?
#
# From the start of the impact to the resolve, in four phases. Medians of phases do not add up.

# %%
from analytics import reports
from analytics.card import Scope
from analytics.show import show as show_card

report = reports.response_times(tables, Scope(window, zone))
for name in ("phases", "acknowledge-within", "resolve-within", "legs"):
    show_card(report[name])

# %% [markdown]
# ## The same for alerts
#
# Most alerts never become an incident. What ended by itself before anybody looked is not an acknowledgement.

# %%
alerts = analytics.review(tables.alerts, *span, events=tables.events)
answer = alerts.acknowledge
show(f"{answer.sentence} {answer.change_sentence} {answer.severity_sentence}", answer.curves(), answer)

# %% [markdown]
# ## How we know

# %%
Markdown(f"{incidents.acknowledge.how_we_know}\n\n{incidents.resolve.how_we_know}")

# %% [markdown]
# ## What to decide

# %%
Markdown(as_list(what_to_decide(incidents)))
