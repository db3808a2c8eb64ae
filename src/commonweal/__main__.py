"""``python -m commonweal``: the same as the ``commonweal`` command."""

from commonweal.cli.main import main

main()
