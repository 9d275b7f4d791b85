"""What commands import, imported once."""

import importlib

for _name in (
    "playwright.async_api",
    "psycopg_pool",
    "pydantic_settings",
    "rich.live",
    "sqlite_utils",
    "taskq.cli",
    "taskq.handlers.shopify",
    "taskq.stores.postgres",
    "taskq.stores.sqlite.schema",
    "taskq.views.board",
    "taskq.worker",
):
    importlib.import_module(_name)
