"""A sender of packs and the cache it sends to, without HTTP in between.

Not here: how `datadog-ci` itself behaves (`end_to_end`).
"""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, RepositoryId, Sha
from fairlead.domain.errors import Rejected
from fairlead.store import commits
from fairlead.store.git_cache import CachedRepository, GitCache
from fairlead.store.ledger import Ledger
from fairlead.usecases.find_known_commits import find_known_commits
from fairlead.usecases.take_in_packs import take_in_packs
from tests.factories import NOON, ORG_ID
from tests.histories import Repository

SHOP = RepositoryId("git.example.com/acme/shop")
LARGEST = 64 << 20


class Uploads(Struct, frozen=True, kw_only=True):
    """One repository's place in the cache, and the database beside it."""

    ledger: Ledger
    cache: GitCache
    root: Path
    org_id: OrgId = ORG_ID
    digits: int = 40

    @property
    def repository(self) -> CachedRepository:
        """Where its packs are."""
        return self.cache.repository(self.org_id, SHOP, Sha("0" * self.digits))

    def accept(self, pack: bytes, head: Sha) -> str:
        """Keep a pack without looking into it, and return its name."""
        with self.cache.arrival(LARGEST, NOON) as arrival:
            arrival.write(pack)
            return self.cache.accept(arrival, self.repository, head)

    def send(self, *packs: bytes, head: Sha, now: int = NOON) -> list[Rejected]:
        """Hand packs in one after the other; return why those that were refused were."""
        refused: list[Rejected] = []
        for pack in packs:
            self.accept(pack, head)
            refused += take_in_packs(self.ledger, self.repository, now).values()
        return refused

    def upload(self, history: Repository) -> int:
        """Do as `datadog-ci` does with the whole history; return how many packs that took."""
        asked = [Sha(sha) for sha in history.git("rev-list", "HEAD").split()]
        known = self.known(asked)
        packs = [] if known == set(asked) else history.packs(asked, sorted(known))
        assert [] == self.send(*packs, head=history.head)
        return len(packs)

    def known(self, asked: Sequence[Sha]) -> set[Sha]:
        """Return what a search says is known."""
        return self.ledger.read(find_known_commits, self.repository, asked)

    def recorded(self, shas: Sequence[Sha]) -> dict[Sha, Commit]:
        """Return which of `shas` are in the database."""
        return self.ledger.read(commits.fetch, self.org_id, SHOP, shas)

    def left(self) -> list[str]:
        """Return the files below the cache that are neither its own nor empty places for more."""
        own = {"about.json", "lock", "HEAD", "config", "shallow"}
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        return sorted(str(path) for path in found if path.name not in own)
