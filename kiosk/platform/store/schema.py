"""All tables of the platform: a module of tables counts once it is imported here."""

from kiosk.platform.store import secret_tables, telemetry_tables, template_tables, unapplied_tables
from kiosk.platform.store.tables import metadata

__all__ = ["metadata", "secret_tables", "telemetry_tables", "template_tables", "unapplied_tables"]
