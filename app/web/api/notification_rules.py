"""/api/v1/notification-rules: how the token's own person is paged."""

from datetime import timedelta

from app import clock
from app.database import transaction
from app.domain.notification_rules import Address, Rule
from app.paging import rules as verbs
from app.people.rights import Act
from app.web.api.auth import me, need
from app.web.api.listing import identity
from app.web.api.noun import noun
from app.web.api.shapes import paging as shapes

notification_rules = noun("notification-rules", "By which ways oneself is paged, and how long after the page.")


@notification_rules.get("")
@notification_rules.output(shapes.NotificationRules)
def list_notification_rules() -> shapes.NotificationRules:
    """List one's own rules. None for an urgency: what is usual holds, devices first."""
    need(Act.SEE_ON_CALL)
    return _mine()


@notification_rules.put("")
@notification_rules.input(shapes.NotificationRulesDraft, arg_name="draft")
@notification_rules.output(shapes.NotificationRules)
def replace_notification_rules(draft: shapes.NotificationRulesDraft) -> shapes.NotificationRules:
    """Put these rules in the place of one's own; they hold from the next page on."""
    need(Act.SEE_ON_CALL)
    with transaction():
        wanted = [
            Rule(
                one.urgency,
                Address(one.channel, None if one.contact_id is None else identity(one.contact_id)),
                timedelta(minutes=one.after_minutes),
            )
            for one in draft.items
        ]
        verbs.replace_all(me(), wanted, by=me(), at=clock.now())
        return _mine()


def _mine() -> shapes.NotificationRules:
    return shapes.NotificationRules(
        items=[
            shapes.NotificationRule(
                urgency=rule.urgency, channel=rule.address.channel,
                after_minutes=rule.after / timedelta(minutes=1),
                contact_id=None if rule.address.contact_id is None else str(rule.address.contact_id),
            )
            for rule in verbs.rules_of(me().id)
        ]
    )  # fmt: skip
