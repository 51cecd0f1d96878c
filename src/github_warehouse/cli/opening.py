"""How every command that needs the warehouse begins."""

from collections.abc import Iterator
from contextlib import contextmanager

from github_warehouse.config import Settings, read_settings
from github_warehouse.logs import configure_logs
from github_warehouse.terminal import say
from github_warehouse.warehouse.connection import Warehouse, open_warehouse


@contextmanager
def opened_warehouse(
    prints_data: bool = False,
) -> Iterator[tuple[Settings, Warehouse]]:
    """Read the settings, open the warehouse and name it.

    Args:
        prints_data: what the command prints is for a machine, so that the
            name goes to standard error.
    """
    settings = read_settings()
    configure_logs(settings.log_format, log_level=settings.log_level)
    with open_warehouse(settings) as warehouse:
        say(f'warehouse: {warehouse.name}', err=prints_data)
        yield settings, warehouse
