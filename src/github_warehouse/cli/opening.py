"""How every command that needs the warehouse begins."""

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
        prints_data: what the command prints is for a machine, so that the
            name goes to standard error.
        alerts: send an alert when it cannot be opened, or a signal comes
            before it is.
        creates: make an embedded warehouse that is missing.
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
                alert_unopened(WarehouseError('interrupted before it started'))
            raise
        if alerts:
            alert_opened(settings)
        say(f'warehouse: {warehouse.name}', err=prints_data)
        yield settings, warehouse
