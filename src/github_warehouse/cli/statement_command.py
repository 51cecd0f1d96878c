"""The command that prints the SQL that the warehouse runs."""

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
    """Print an SQL statement. Without NAME, list all of them.

    Statements, audits and views are SQL files. In a file, a line that contains
    {metric} is repeated for each metric, a line with {count} for each metric
    that is a count, and a line with {total} for each metric with a total per
    company. github_warehouse/metrics.py declares the metrics. The statement is
    printed with these lines already repeated; no database is needed.

    The other placeholders are printed as they are, because a run fills them
    in: parameters, such as %(day)s, and table names, such as {partition}.

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
