"""The whole schema: every module that has tables, so that ``metadata`` knows all of them."""

from bot.store import duty_tables as duty_tables
from bot.store import people_tables as people_tables
from bot.store.tables import metadata as metadata

REVISION = "0020"
"""The newest revision in ``migrations/``: a database that has it is opened without loading Alembic."""
