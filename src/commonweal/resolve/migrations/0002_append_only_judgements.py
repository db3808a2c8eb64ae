"""The database itself refuses to change or delete judgements, whatever program asks."""

from django.db import migrations

from commonweal.base.append_only import AppendOnly

GUARD = AppendOnly("resolve_judgement", "judgements are", "id = NEW.id OR digest = NEW.digest")
install, remove = GUARD.install, GUARD.remove


class Migration(migrations.Migration):
    dependencies = [("resolve", "0001_initial")]
    operations = [GUARD.operation()]
