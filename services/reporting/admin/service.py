"""What is reporting's own in an operator's commands."""

from services.reporting.domain import Base
from services.reporting.settings import LISTENS_TO, SERVICE
from services.reporting.subscribers import PROJECTED, PROJECTIONS, REACTIONS, erase_again
from shared.messaging.consumer import Subscriptions
from shared.operators.operations import Service

OPERATED = Service(SERVICE, LISTENS_TO, Subscriptions(PROJECTIONS, REACTIONS), PROJECTED, Base.metadata, erase_again)
