"""What persons of cases agreed to, and what they refused: checked again at the moment of sending or showing."""

from services.reporting.domain.base import Base
from shared.person_basis import PersonBasisColumns


class PersonBasis(PersonBasisColumns, Base):
    """Projected from intake's facts; see `shared.person_basis`."""

    __tablename__ = "person_basis"
