"""The kinds of things a catalogue holds, the links between them, and the typed extras of each kind."""

from __future__ import annotations

from typing import Final

KINDS: Final = (
    "initiative",
    "organisation",
    "dataset",
    "model",
    "software",
    "offer",
    "course",
    "funding_call",
    "grant",
    "policy",
    "standard",
    "benchmark",
    "publication",
    "event",
)

LINK_TYPES: Final = (
    "maintained_by",
    "funded_by",
    "trained_on",
    "derived_from",
    "version_of",
    "part_of",
    "hosted_by",
    "evaluated_by",
    "governed_by",
)

#: kind → extra property → type name: "text", "int", "number", "date", "url", "texts" (list), "money", "quantity",
#: "components" (list of {"name", "licence", "url", "description"}). One name has one type in every kind.
#: An offer's unit prices are decimal text with the unit in `price_unit`; money amounts are {"minor", "currency", "date"}.
EXTRAS: Final[dict[str, dict[str, str]]] = {
    "initiative": {"budget": "money", "agency": "text", "stage": "text", "passage": "text"},
    "organisation": {"legal_form": "text", "founded": "date", "ror": "text", "passage": "text"},
    "dataset": {
        "size_bytes": "int",
        "row_count": "int",
        "modalities": "texts",
        "tasks": "texts",
        "formats": "texts",
        "annotation": "text",
        "domains": "texts",
        "collected_from": "date",
        "collected_until": "date",
        "downloads": "int",
    },
    "model": {
        "architecture": "text",
        "parameter_count": "quantity",
        "active_parameter_count": "quantity",
        "modalities": "texts",
        "tasks": "texts",
        "access": "text",
        "context_tokens": "int",
        "memory_mb": "number",
        "embedding_dimensions": "int",
        "framework": "texts",
        "components": "components",
        "warnings": "texts",
        "downloads": "int",
    },
    "software": {"programming_languages": "texts", "stage": "text", "platforms": "texts"},
    "offer": {
        "provider": "text",
        "model": "text",
        "mode": "text",
        "context_tokens": "int",
        "output_tokens": "int",
        "price_input": "text",
        "price_output": "text",
        "price_unit": "text",
        "price_currency": "text",
        "price_date": "date",
        "accelerator": "text",
        "accelerator_count": "int",
        "memory_gb": "number",
        "region": "text",
        "eligibility": "text",
    },
    "course": {"duration": "text", "level": "text", "provider": "text"},
    "funding_call": {"funder": "text", "opens": "date", "closes": "date", "amount": "money", "eligibility": "text"},
    "grant": {"funder": "text", "recipient": "text", "amount": "money", "starts": "date", "ends": "date"},
    "policy": {"jurisdiction": "text", "instrument": "text", "adopted": "date", "passage": "text"},
    "standard": {"version": "text", "body": "text"},
    "benchmark": {"tasks": "texts", "metrics": "texts", "group": "text", "version": "text", "sample_count": "int"},
    "publication": {"authors": "texts", "venue": "text"},
    "event": {"starts": "date", "ends": "date", "location": "text", "passage": "text"},
}
