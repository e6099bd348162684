"""What is notify's own in an operator's commands."""

from services.notify.admin.keys import RENEWALS
from services.notify.domain import Base
from services.notify.settings import LISTENS_TO, SERVICE
from services.notify.subscribers import PROJECTED, PROJECTIONS, REACTIONS, erase_again
from shared.messaging.consumer import Subscriptions
from shared.operators.operations import Service

OPERATED = Service(
    SERVICE, LISTENS_TO, Subscriptions(PROJECTIONS, REACTIONS), PROJECTED, Base.metadata, erase_again, RENEWALS
)
