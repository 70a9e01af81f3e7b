"""Take the addresses that npm keeps for donations out of a lock file.

Not here: where packages are downloaded from; `.npmrc` keeps npm from recording that.
"""

import json
import sys
from pathlib import Path

lock = Path(sys.argv[1])
content = json.loads(lock.read_text(encoding="utf-8"))
for package in content["packages"].values():
    package.pop("funding", None)
lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
