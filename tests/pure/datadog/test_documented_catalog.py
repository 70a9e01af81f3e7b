"""What `docs/catalog.md` promises: its example, its patterns and its limits."""

import re
from pathlib import Path

from fairlead.dialects.datadog.catalog_documents import entry_from
from fairlead.domain import catalog
from fairlead.domain.catalog import service_of
from fairlead.domain.globs import touches
from fairlead.domain.texts import LONGEST_TEXT
from fairlead.intake import documents
from fairlead.intake.documents import documents_in
from tests.factories import NOON, ORG_ID

PAGE = (Path(__file__).parents[3] / "docs/catalog.md").read_text(encoding="utf-8")


def test_the_example_says_what_the_page_says() -> None:
    found = re.search(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert found is not None
    [document] = documents_in(found[1].encode())

    told = entry_from(document, ORG_ID, NOON)

    service = service_of(told.entry, told.said)
    assert ("checkout", "payments", ("language:go", "cost-centre:shop")) == (
        service.name,
        service.team,
        service.tags,
    )
    assert ("services/checkout/**", "libs/money/**") == service.patterns_in("github.com/shopist/mono")


def test_every_path_beside_a_pattern_is_on_the_right_side() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \| ([^|]*)\| ([^|]*)\|$", PAGE, flags=re.MULTILINE)
    tried = 0
    for names, meant, others in rows:
        for pattern in re.findall(r"`([^`]+)`", names):
            for cell, expected in ((meant, True), (others, False)):
                for path in re.findall(r"`([^`]+)`", cell):
                    assert expected == touches([pattern], [path]), (pattern, path)
                    tried += 1

    assert tried >= 14


def test_every_limit_is_told() -> None:
    limits = (
        documents.LONGEST,
        documents.MOST_VALUES,
        documents.DEEPEST,
        documents.MOST_DOCUMENTS,
        catalog.LONGEST_NAME,
        catalog.MOST_PATTERNS,
        LONGEST_TEXT,
        catalog.MOST_RELATIONS,
    )

    table = PAGE[PAGE.index("| At most |") :]
    assert [] == [limit for limit in limits if f"{limit:,}".replace(",", " ") not in table]
