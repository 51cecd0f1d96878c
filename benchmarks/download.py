"""The least an ingest could do: download every page, and parse its JSON.

python -m benchmarks.download http://127.0.0.1:8000 company-1 company-2
"""

import json
import sys

import requests

from github_warehouse.github.graphql import read_query


def main() -> None:
    """Read every page of the companies named."""
    url, *logins = sys.argv[1:]
    query = read_query('owner_repositories')
    order = {'field': 'CREATED_AT', 'direction': 'ASC'}
    read = 0
    with requests.Session() as session:
        session.trust_env = False
        for login in logins:
            cursor = None
            while True:
                answer = session.post(
                    f'{url}/graphql',
                    json={
                        'query': query,
                        'variables': {
                            'login': login,
                            'first': 100,
                            'after': cursor,
                            'order': order,
                        },
                    },
                    timeout=60,
                )
                listed = json.loads(answer.content)['data']['repositoryOwner'][
                    'repositories'
                ]
                read += len(listed['nodes'])
                if not listed['pageInfo']['hasNextPage']:
                    break
                cursor = listed['pageInfo']['endCursor']
    print(read)


if __name__ == '__main__':
    main()
