"""The SQL of a card, for Metabase and for the HTML report."""

from github_warehouse.dashboards.cards import Card

# The report contains its rows, so it is limited to the latest days.
PAGE_DAYS = 90


def metabase_sql(card: Card) -> str:
    """Return SQL with Metabase's filters, limited to the displayed rows.

    https://www.metabase.com/docs/latest/questions/native-editor/sql-parameters
    """
    statement = card.sql
    if card.is_total:
        keys = [name for name in (card.x, card.series) if name]
        sums = [f'sum({name}) as {name}' for name in card.y]
        # `check_card` has checked these names
        statement = (
            f'select {", ".join([*keys, *sums])}\n'
            f'from (\n{card.sql}\n) as companies'
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
