"""The reports: one module a question, each a function of tables and a scope that gives a `Report`.

The notebooks show them whole, the Trends pages card by card: the same functions, the same numbers.
"""

from analytics.reports.alert_quality import alert_quality
from analytics.reports.budget import budget
from analytics.reports.data_quality import data_quality
from analytics.reports.did_it_improve import did_it_improve
from analytics.reports.fires_together import fires_together
from analytics.reports.lengths import lengths
from analytics.reports.one_incident import one_incident
from analytics.reports.overview import overview
from analytics.reports.pager_load import pager_load
from analytics.reports.period_review import period_review
from analytics.reports.response_times import response_times
from analytics.reports.rule_backtest import rule_backtest
from analytics.reports.service import service
from analytics.reports.trends import trends

__all__ = [
    "alert_quality",
    "budget",
    "data_quality",
    "did_it_improve",
    "fires_together",
    "lengths",
    "one_incident",
    "overview",
    "pager_load",
    "period_review",
    "response_times",
    "rule_backtest",
    "service",
    "trends",
]
