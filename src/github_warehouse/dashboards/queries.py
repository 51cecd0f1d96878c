"""The SQL of a card, for Metabase and for the HTML report."""

import re

from github_warehouse.dashboards.cards import Card

# The report contains its rows, so it is limited to the latest days.
PAGE_DAYS = 90


# FROM or JOIN, and the relations after it. Other words after it are refused
# by `check_card`.
READS = re.compile(r'(\b(?:from|join)\s+)([a-z_]+(?:\s*,\s*[a-z_]+)*)', re.I)


def metabase_sql(card: Card, schema: str) -> str:
    """Return SQL with Metabase's filters, limited to the displayed rows.

    Relations are qualified, because Metabase's role has its own search path.
    The schema is quoted, because it may be a keyword.
    https://www.metabase.com/docs/latest/questions/native-editor/sql-parameters
    """
    statement = READS.sub(
        lambda read: read[1]
        + re.sub('[a-z_]+', rf'"{schema}".\g<0>', read[2], flags=re.I),
        card.sql,
    )
    if card.is_total:
        keys = [name for name in (card.x, card.series) if name]
        sums = [f'sum({name}) as {name}' for name in card.y]
        # `check_card` has checked these names
        statement = (
            f'select {", ".join([*keys, *sums])}\n'
            f'from (\n{statement}\n) as companies'
        )
        if keys:
            statement += f'\ngroup by {", ".join(keys)}'
    return _ordered(card, statement) + (
        f'\nlimit {card.limit}' if card.limit else ''
    )


def page_sql(card: Card) -> str:
    """Return SQL for the rows of all companies, over the last PAGE_DAYS."""
    statement = card.sql.replace('[[and {{company}}]]', '')
    if 'dates' in card.filters:
        statement = statement.replace(
            '[[and {{dates}}]]',
            f'and {card.filters["dates"]} > (\n'
            f'    select max(latest.snapshot_date) - {PAGE_DAYS}\n'
            '    from company_total_stars as latest\n)',
        )
    return _ordered(card, statement)


def _ordered(card: Card, statement: str) -> str:
    return f'{statement}\norder by {card.order}' if card.order else statement
