"""The base of reporting's mapped classes."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from shared.database import COLUMN_TYPES, NAMING


class Base(DeclarativeBase):
    """Reporting owns these tables alone."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = COLUMN_TYPES
