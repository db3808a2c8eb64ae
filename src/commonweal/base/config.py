"""Typed settings of a node: environment, then ``config.toml`` in the home, then the default. Pure Python.

A room declares its settings in its own ``config.py``, imported by its ``apps.py``; base checks for unknown keys when every
app is loaded. ``COMMONWEAL_NODE_NAME`` in the environment is ``name`` under ``[node]`` in the file is ``node.name`` here.
"""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from commonweal.base.home import VARIABLE as HOME_VARIABLE
from commonweal.base.home import home
from commonweal.kernel.errors import CommonwealError

PREFIX = "COMMONWEAL_"
NOT_SETTINGS = (HOME_VARIABLE,)
TEST_PREFIX = "COMMONWEAL_TEST_"
TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing an operator may set.

    Args:
        name: ``section.key``, lower case.
        type: ``str``, ``int``, ``float``, ``bool`` or ``list`` (of text; comma-separated in the environment).
        default: value when nobody said anything.
        help: one sentence for ``config show`` and the reference, which also tells what is allowed.
        secret: masked wherever settings are shown.
        allowed: whether a value of the right type may be used.
    """

    name: str
    type: type
    default: Any
    help: str
    secret: bool = False
    allowed: Callable[[Any], bool] | None = None

    @property
    def variable(self) -> str:
        return PREFIX + self.name.replace(".", "_").upper()

    def read(self, raw: Any, origin: str) -> Any:
        """``raw`` (text, or a TOML value) as this setting's type; ``setting-invalid`` names the value and where it stands."""
        value = _convert(raw, self.type)
        if value is None or (self.allowed is not None and not self.allowed(value)):
            shown = "its value" if self.secret else repr(raw)
            raise CommonwealError(
                "setting-invalid",
                f"Setting {self.name}: {shown} in {origin} is not a {self.type.__name__} it accepts.",
                self.help,
            )
        return value


@dataclass(frozen=True, slots=True)
class Resolved:
    """A setting, its value now, and where the value came from (``default``, a variable's name, or the file's path)."""

    setting: Setting
    value: Any
    origin: str

    @property
    def shown(self) -> Any:
        """The value, masked when it is secret and set."""
        return "••••••" if self.setting.secret and self.value else self.value


_DECLARED: dict[str, Setting] = {}


def declare(*settings: Setting) -> None:
    """Make settings known. Raises ValueError for a name that is malformed, taken or whose default it would not accept."""
    for new in settings:
        if not re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", new.name):
            raise ValueError(f"Setting name {new.name!r} is not section.key.")
        if _DECLARED.get(new.name, new) != new or any(
            old.variable == new.variable for old in _DECLARED.values() if old.name != new.name
        ):
            raise ValueError(f"Setting {new.name!r} is declared twice.")
        new.read(new.default, "its declaration")
        _DECLARED[new.name] = new


def setting(name: str) -> Any:
    """The value of a setting now. Raises KeyError when undeclared, CommonwealError ``setting-invalid`` when unusable."""
    return _resolve(_DECLARED[name]).value


def all_settings() -> list[Resolved]:
    """Every declared setting with value and origin, by name; also refuses unknown keys (``check_names``)."""
    check_names()
    return [_resolve(_DECLARED[name]) for name in sorted(_DECLARED)]


def check_names() -> None:
    """Raise ``setting-unknown``, with a suggestion, for a key in the file or environment that no setting has."""
    path = home().config
    for section, keys in _file().items():
        if not isinstance(keys, dict):
            raise _unknown(section, str(path), [f"{n.split('.')[1]}" for n in _DECLARED], "Put it under its [section].")
        for key in keys:
            if f"{section}.{key}" not in _DECLARED:
                raise _unknown(f"{section}.{key}", str(path), list(_DECLARED))
    variables = {declared.variable for declared in _DECLARED.values()}
    for variable in os.environ:
        if variable.startswith(PREFIX) and not variable.startswith(TEST_PREFIX) and variable not in (*NOT_SETTINGS, *variables):
            raise _unknown(variable, "the environment", [*variables, *NOT_SETTINGS])


def set_value(name: str, text: str) -> Resolved:
    """Write one setting to ``config.toml``, keeping the rest of the file, comments included, as it is.

    Raises ``setting-unknown`` or ``setting-invalid``; the file is replaced whole, so that a crash leaves the old one.
    """
    if name not in _DECLARED:
        raise _unknown(name, "the command", list(_DECLARED))
    declared = _DECLARED[name]
    value = declared.read(text, "the command")
    path = home().config
    section, _, key = name.partition(".")
    there = _file().get(section)
    wanted = {**_file(), section: {**(there if isinstance(there, dict) else {}), key: value}}
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    after = _with_line(before, section, key, _toml(value))
    if not _says(after, wanted):  # an inline table, a quoted key, a list over many lines …
        hint = f"Write {key} = {_toml(value)} under [{section}] by hand."
        raise CommonwealError("config-unwritable", f"{path} holds {name} in a form that is not edited here.", hint)
    _replace(path, after)
    return _resolve(declared)


def _says(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _resolve(declared: Setting) -> Resolved:
    if (raw := os.environ.get(declared.variable)) is not None:
        return Resolved(declared, declared.read(raw, declared.variable), declared.variable)
    raw = _section(_file(), declared.name)
    if raw is not None:
        path = str(home().config)
        return Resolved(declared, declared.read(raw, path), path)
    return Resolved(declared, declared.default, "default")


def _section(tree: Mapping[str, Any], name: str) -> Any:
    section, key = name.split(".")
    found = tree.get(section)
    return found.get(key) if isinstance(found, dict) else None


def _file() -> dict[str, Any]:
    path = home().config
    try:
        stat = path.stat()
    except FileNotFoundError:
        return {}
    return _parse(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _parse(path: Path, modified_ns: int, size: int) -> dict[str, Any]:
    """Cached by what changes when the file does, so that asking for a setting costs one stat."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommonwealError("config-unreadable", f"{path} is not TOML: {error}.", "Mend or move the file.") from error


def _convert(raw: Any, kind: type) -> Any:
    """``raw`` as ``kind``, or None when it is not one. Text is parsed; other values must already have the type."""
    if kind is list:
        items = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            return None
        return [item.strip() for item in items if item.strip()]
    if kind is bool and isinstance(raw, str):
        return {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}.get(raw.strip().lower())
    if kind in (int, float) and isinstance(raw, str):
        try:
            return kind(raw)
        except ValueError:
            return None
    if kind is float and type(raw) is int:
        return float(raw)
    return raw if type(raw) is kind else None


def _unknown(name: str, where: str, known: list[str], hint: str = "") -> CommonwealError:
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = hint or (f"Did you mean {close[0]}?" if close else "`commonweal config show` lists every setting.")
    return CommonwealError("setting-unknown", f"There is no setting {name} (in {where}).", hint)


def _toml(value: Any) -> str:
    """A TOML literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", escaped) + '"'


def _with_line(text: str, section: str, key: str, literal: str) -> str:
    """``text`` with ``key = literal`` under ``[section]``: the line replaced, else added to the section, else both appended."""
    lines = text.rstrip("\n").split("\n") if text.strip() else []  # TOML knows no other line end that reading leaves
    header = re.compile(rf"\s*\[\s*{section}\s*\]\s*(#.*)?")
    start = next((number for number, line in enumerate(lines) if header.fullmatch(line)), None)
    if start is None:
        return "\n".join([*lines, *([""] if lines else []), f"[{section}]", f"{key} = {literal}", ""])
    end = next((n for n in range(start + 1, len(lines)) if re.match(r"\s*\[", lines[n])), len(lines))
    for number in range(start + 1, end):
        if re.match(rf"\s*{key}\s*=", lines[number]):
            return "\n".join([*lines[:number], f"{key} = {literal}", *lines[number + 1 :], ""])
    return "\n".join([*lines[: start + 1], f"{key} = {literal}", *lines[start + 1 :], ""])


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".config.")  # mode 0600: the file may hold a password
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(draft).replace(path)


declare(
    Setting(
        "node.name",
        str,
        "commonweal",
        "What this site is called, in its header and feeds.",
        allowed=lambda v: bool(v.strip()),
    ),
    Setting(
        "node.accent_colour",
        str,
        "#0b6e4f",
        "The one accent colour, as #rrggbb.",
        allowed=lambda v: re.fullmatch(r"#[0-9a-fA-F]{6}", v) is not None,
    ),
    Setting("node.logo", str, "", "Path of an SVG or PNG file shown in the header; empty for none."),
    Setting(
        "node.languages",
        list,
        ["en", "fr", "ar"],
        "Languages of the interface, BCP 47, the first is the default.",
        allowed=lambda v: bool(v) and all(re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) for tag in v),
    ),
    Setting(
        "node.time_zone",
        str,
        "UTC",
        "Time zone of times shown and of daily schedules, an IANA name such as Africa/Nairobi.",
        allowed=lambda v: v == "UTC" or v in available_timezones(),
    ),
    Setting("server.host", str, "127.0.0.1", "Address the web server listens on; 0.0.0.0 for every interface."),
    Setting("server.port", int, 8000, "Port the web server listens on, 1 to 65535.", allowed=lambda v: 0 < v < 65536),
    Setting("server.workers", int, 1, "Web server processes, at least 1.", allowed=lambda v: v >= 1),
    Setting("server.allowed_hosts", list, ["localhost", "127.0.0.1", "[::1]"], "Host names this node answers to."),
    Setting("server.https", bool, False, "Whether people reach the node by HTTPS: cookies are then sent by HTTPS only."),
    Setting(
        "database.url",
        str,
        "",
        "postgres://user:password@host:port/name; empty for SQLite in the home.",
        secret=True,
        allowed=lambda v: not v or re.match(r"postgres(ql)?://", v) is not None,
    ),
    Setting(
        "outbound.allow_hosts",
        list,
        [],
        "Hosts that downloads may reach although their address is private, e.g. a mirror in the house.",
    ),
)
