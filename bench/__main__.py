"""``make bench``: every comparison, one after another, each printing its own table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHES = (["search.py"], ["ingest.py"], ["resolve_labelled.py"], ["serve.py"])

failed = 0
for bench, *arguments in BENCHES:
    print(f"\n== {bench} {' '.join(arguments)}".rstrip(), flush=True)
    failed |= subprocess.run([sys.executable, str(Path(__file__).with_name(bench)), *arguments], check=False).returncode
sys.exit(1 if failed else 0)
