"""The database itself refuses to change or delete events, whatever program asks."""

from django.db import migrations

from commonweal.base.append_only import AppendOnly

GUARD = AppendOnly("base_event", "events are", "seq = NEW.seq")
install, remove = GUARD.install, GUARD.remove


class Migration(migrations.Migration):
    dependencies = [("base", "0001_initial")]
    operations = [GUARD.operation()]
