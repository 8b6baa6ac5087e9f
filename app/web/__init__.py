"""The HTTP edge: one blueprint per noun."""

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.web import (
    access,
    alerts,
    api,
    audit,
    calendar_imports,
    calendars,
    csrf,
    doors,
    errors,
    fairness,
    handoff,
    health,
    hosts,
    incidents,
    intake,
    invitations,
    join,
    leaving,
    me,
    me_security,
    notices,
    now,
    on_call,
    organisation,
    passkeys,
    people,
    profile,
    provider,
    push_subscriptions,
    pwa,
    receipts,
    recommendations,
    reset,
    schedule_editor,
    schedules,
    second_factor,
    security,
    service_tokens,
    services,
    session,
    setup,
    shell,
    sign_in_policy,
    swap_rules,
    swaps,
    teams,
    time_off,
    tokens,
    trends,
    words,
)

BLUEPRINTS = (
    now.blueprint,
    alerts.blueprint,
    incidents.blueprint,
    on_call.blueprint,
    schedules.blueprint,
    schedule_editor.blueprint,
    swaps.blueprint,
    swap_rules.blueprint,
    calendars.blueprint,
    calendar_imports.blueprint,
    time_off.blueprint,
    fairness.blueprint,
    handoff.blueprint,
    trends.blueprint,
    recommendations.blueprint,
    services.blueprint,
    service_tokens.blueprint,
    teams.blueprint,
    me.blueprint,
    tokens.blueprint,
    organisation.blueprint,
    audit.blueprint,
    notices.blueprint,
    profile.blueprint,
    people.blueprint,
    me_security.blueprint,
    leaving.blueprint,
    push_subscriptions.blueprint,
    doors.doors,
    passkeys.blueprint,
    second_factor.blueprint,
    provider.blueprint,
    reset.blueprint,
    sign_in_policy.blueprint,
    join.blueprint,
    invitations.blueprint,
    setup.blueprint,
    pwa.blueprint,
    intake.blueprint,
    receipts.blueprint,
    health.blueprint,
)
# who looks is known before what is around
EDGES = (session, security, errors, hosts, access, csrf, words, shell, pwa, api)


def register(app: APIFlask) -> None:
    """Give `app` its pages, and what stands around every one of them."""
    if hops := app.config["settings"].trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0)  # type: ignore[method-assign]
    for edge in EDGES:
        edge.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
