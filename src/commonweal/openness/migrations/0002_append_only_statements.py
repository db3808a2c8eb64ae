"""The database itself refuses to change or delete evidence, whatever program asks."""

from django.db import migrations

from commonweal.base.append_only import AppendOnly

GUARD = AppendOnly("openness_statement", "evidence is")
install, remove = GUARD.install, GUARD.remove


class Migration(migrations.Migration):
    dependencies = [("openness", "0001_initial")]
    operations = [GUARD.operation()]
