"""The base of intake's mapped classes."""

from sqlalchemy import JSON, MetaData, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase

from shared.database import COLUMN_TYPES, NAMING


class Base(DeclarativeBase):
    """Intake owns these tables alone."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = COLUMN_TYPES


JSON_DOCUMENT = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON document in the clear. Never holds what may say something of a person."""

MERGED = text("merged_into IS NOT NULL")
"""The condition of an index over what was merged: few rows have it."""
