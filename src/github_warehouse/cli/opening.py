"""Open the warehouse, as every command that needs it does first."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from github_warehouse.config import Settings, read_settings
from github_warehouse.errors import WarehouseError, as_warehouse_error
from github_warehouse.logs import configure_logs
from github_warehouse.outage_alerts import alert_opened, alert_unopened
from github_warehouse.terminal import say
from github_warehouse.warehouse.connection import Warehouse, open_warehouse


@contextmanager
def opened_warehouse(
    prints_data: bool = False, alerts: bool = False, creates: bool = False
) -> Iterator[tuple[Settings, Warehouse]]:
    """Read the settings, open the warehouse and name it.

    Args:
        prints_data: whether standard output is for a program; the name then
            goes to standard error.
        alerts: whether to send an alert if the warehouse cannot be opened, or
            a signal interrupts opening it.
        creates: whether to create a missing embedded warehouse.
    """
    with ExitStack() as stack:
        try:
            settings = read_settings()
            configure_logs(settings.log_format, log_level=settings.log_level)
            warehouse = stack.enter_context(open_warehouse(settings, creates))
        except Exception as error:
            failure = as_warehouse_error(error)
            if alerts:
                alert_unopened(failure)
            raise failure from error
        except (KeyboardInterrupt, SystemExit):
            if alerts:
                alert_unopened(WarehouseError('interrupted by a signal'))
            raise
        if alerts:
            alert_opened(settings)
        say(f'warehouse: {warehouse.name}', err=prints_data)
        yield settings, warehouse
