"""Secrets that the platform makes by itself and all its workers share."""

from sqlalchemy import Column, String, Table

from kiosk.platform.store.tables import metadata

secrets = Table("platform_secrets", metadata, Column("name", String(64), primary_key=True), Column("value", String(128), nullable=False))
