"""What we use of two operators' resources, as their own definitions have it; no more than that.

ServiceMonitor and PrometheusRule: prometheus-operator, `monitoring.coreos.com/v1`; Cluster:
CloudNativePG 1.24 or later, `postgresql.cnpg.io/v1`. Their published definitions are asked,
too (published_schemas.py), but let a field pass that they do not know, as a cluster drops it.
So the fields in use stand here. One that is not named is refused: look it up, then add it.
"""

from typing import Any, Final

Schema = dict[str, Any]
_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 1}
_SIZE: Final[Schema] = {"type": "string", "pattern": r"^[0-9]+(Ki|Mi|Gi|Ti)$"}
_CPU: Final[Schema] = {"type": "string", "pattern": r"^[0-9]+m?$"}
_LABELS: Final[Schema] = {"type": "object", "additionalProperties": _TEXT, "minProperties": 1}


def _closed(required: str = "", **properties: Schema) -> Schema:
    """Return an object that has no properties but these."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def _kind(api: str, kind: str, spec: Schema) -> Schema:
    metadata = _closed("name", name=_TEXT, namespace=_TEXT, labels=_LABELS)
    head = {"apiVersion": {"const": api}, "kind": {"const": kind}}
    return _closed("apiVersion kind metadata spec", **head, metadata=metadata, spec=spec)


_ENDPOINT: Final = _closed(
    port=_TEXT,
    path=_TEXT,
    interval={"type": "string", "pattern": r"^[0-9]+(ms|s|m|h)$"},
    scheme={"enum": ["http", "https"]},
)
SERVICE_MONITOR: Final = _kind(
    "monitoring.coreos.com/v1",
    "ServiceMonitor",
    _closed(
        "selector endpoints",
        selector=_closed(matchLabels=_LABELS),
        jobLabel=_TEXT,
        endpoints={"type": "array", "items": _ENDPOINT, "minItems": 1},
    ),
)
_SYNCHRONOUS: Final = _closed(
    "method number",
    method={"enum": ["any", "first"]},
    number=_COUNT,
    dataDurability={"enum": ["required", "preferred"]},
)
_AMOUNTS: Final = _closed(cpu=_CPU, memory=_SIZE)
CLUSTER: Final = _kind(
    "postgresql.cnpg.io/v1",
    "Cluster",
    _closed(
        "instances storage",
        instances=_COUNT,
        imageName=_TEXT,
        primaryUpdateStrategy={"enum": ["unsupervised", "supervised"]},
        bootstrap=_closed(initdb=_closed(database=_TEXT, owner=_TEXT, encoding=_TEXT)),
        postgresql=_closed(
            synchronous=_SYNCHRONOUS,
            parameters={"type": "object", "additionalProperties": {"type": "string"}},
        ),
        storage=_closed(size=_SIZE),
        walStorage=_closed(size=_SIZE),
        resources=_closed(requests=_AMOUNTS, limits=_AMOUNTS),
        affinity=_closed(topologyKey=_TEXT),
    ),
)
_TIME: Final[Schema] = {"type": "string", "pattern": r"^[0-9]+(s|m|h|d)$"}
_RULE: Final[Schema] = {
    **_closed(
        "expr",
        record=_TEXT,
        alert=_TEXT,
        expr=_TEXT,
        labels=_LABELS,
        annotations=_LABELS,
        **{"for": _TIME},
    ),
    "oneOf": [{"required": ["alert"]}, {"required": ["record"]}],
}
_GROUP: Final = _closed(
    "name rules", name=_TEXT, rules={"type": "array", "items": _RULE, "minItems": 1}
)
PROMETHEUS_RULE: Final = _kind(
    "monitoring.coreos.com/v1",
    "PrometheusRule",
    _closed("groups", groups={"type": "array", "items": _GROUP, "minItems": 1}),
)
CUSTOM: Final = {
    "PrometheusRule": PROMETHEUS_RULE,
    "ServiceMonitor": SERVICE_MONITOR,
    "Cluster": CLUSTER,
}
