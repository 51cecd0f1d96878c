"""The command that prints the SQL that runs."""

import click

from github_warehouse.warehouse.statements import (
    SQL,
    find_statement,
    read_sql,
    render,
    statement_files,
)


def _complete_statement(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[str]:
    return [name for name in statement_files() if name.startswith(incomplete)]


@click.command('statements')
@click.argument('name', required=False, shell_complete=_complete_statement)
def statements_command(name: str | None) -> None:
    """Print a SQL statement as it runs; without a NAME, list them all.

    Statements, audits and views are files. A line of a file that contains
    {metric}, {count} or {total} is repeated for the metrics that are declared
    in github_warehouse/metrics.py: every metric, those that are counts, those
    of which a company has a total. What is printed is the result.

    %(day)s and the like are parameters of a run. Names in braces, such as
    {partition}, are tables whose names a run fills in. No database is needed.

    \b
    Examples:
      github-warehouse statements
      github-warehouse statements build_snapshots
    """
    if name is not None:
        path = find_statement(name)
        text = read_sql(name) if path.parent == SQL else render(path)
        click.echo(text, nl=False)
        return
    files = statement_files()
    width = max(map(len, files))
    for each, path in files.items():
        click.echo(f'{each:<{width}}  {path.parent.name}')
