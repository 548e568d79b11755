"""A stand-in for the provider hashicorp/aws, which Terraform reaches over a socket: real schema, no cloud.

It says yes to everything that fits the schema, and makes up what AWS would give (`infra/check/invented.py`). It does
not know the provider's defaults: an argument that is not set is null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent import futures
from pathlib import Path
from typing import Any, Final

import grpc
import msgpack
from tf.gen import grpc_controller_pb2 as controller
from tf.gen import grpc_controller_pb2_grpc as controller_rpc
from tf.gen import grpc_stdio_pb2_grpc as stdio_rpc
from tf.gen import tfplugin_pb2 as plugin
from tf.gen import tfplugin_pb2_grpc as plugin_rpc

from infra.check.invented import ACCOUNT, REGION, invented
from infra.check.policy_documents import policy_document
from infra.check.provider_schema import UNKNOWN, decoded, mapped

_NESTING: Final = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}

_FIXED: Final[Mapping[str, Mapping[str, str]]] = {
    "aws_caller_identity": {"account_id": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "id": ACCOUNT},
    "aws_partition": {"dns_suffix": "amazonaws.com", "id": "aws", "partition": "aws"},
    "aws_region": {"description": REGION, "id": REGION, "name": REGION, "region": REGION},
}
"""What data sources give that say where and who one is."""


def _block(block: Mapping[str, Any]) -> Any:
    return plugin.Schema.Block(
        version=0,
        attributes=[
            plugin.Schema.Attribute(
                name=name,
                type=json.dumps(one["type"]).encode(),
                optional=one.get("optional", False),
                required=one.get("required", False),
                computed=one.get("computed", False),
            )
            for name, one in block["attributes"].items()
        ],
        block_types=[
            plugin.Schema.NestedBlock(
                type_name=name,
                nesting=_NESTING[one["nesting_mode"]],
                min_items=one.get("min_items", 0),
                max_items=one.get("max_items", 0),
                block=_block(one["block"]),
            )
            for name, one in block["block_types"].items()
        ],
    )


def _schema(schema: Mapping[str, Any]) -> Any:
    return plugin.Schema(version=schema.get("version", 0), block=_block(schema["block"]))


def _value(value: Any) -> Any:
    return plugin.DynamicValue(msgpack=msgpack.packb(value))


class Provider(plugin_rpc.ProviderServicer):
    """The service that Terraform calls. Its methods are named by the protocol."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._resources = schema["resource_schemas"]
        self._sources = schema["data_source_schemas"]
        self._default_tags: dict[str, str] = {}
        self._answer = plugin.GetProviderSchema.Response(
            provider=_schema(schema["provider_schema"]),
            provider_meta=plugin.Schema(block=plugin.Schema.Block()),
            resource_schemas={name: _schema(one) for name, one in self._resources.items()},
            data_source_schemas={name: _schema(one) for name, one in self._sources.items()},
            server_capabilities=plugin.ServerCapabilities(),
        )

    def GetMetadata(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.GetMetadata.Response(
            server_capabilities=plugin.ServerCapabilities(get_provider_schema_optional=False),
            resources=[plugin.GetMetadata.ResourceMetadata(type_name=name) for name in self._resources],
            data_sources=[plugin.GetMetadata.DataSourceMetadata(type_name=name) for name in self._sources],
        )

    def GetProviderSchema(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return self._answer

    def GetResourceIdentitySchemas(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.GetResourceIdentitySchemas.Response()

    def ValidateProviderConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request: Any, _context: Any) -> Any:  # noqa: N802
        configured = decoded(request.config.msgpack)
        for block in configured.get("default_tags") or ():
            self._default_tags |= block.get("tags") or {}
        return plugin.ConfigureProvider.Response()

    def UpgradeResourceState(self, request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.UpgradeResourceState.Response(upgraded_state=plugin.DynamicValue(json=request.raw_state.json))

    def ReadResource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.ReadResource.Response(new_state=request.current_state, private=request.private)

    def PlanResourceChange(self, request: Any, _context: Any) -> Any:  # noqa: N802
        proposed = decoded(request.proposed_new_state.msgpack)
        if proposed is None:
            return plugin.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        creates = decoded(request.prior_state.msgpack) is None

        def planned(path: str, attribute: Mapping[str, Any], value: Any) -> Any:
            if path == "tags_all":
                own = proposed.get("tags")
                return UNKNOWN if own == UNKNOWN else self._default_tags | (own or {})
            return UNKNOWN if creates and value is None and attribute.get("computed") else value

        block = self._resources[request.type_name]["block"]
        return plugin.PlanResourceChange.Response(planned_state=_value(mapped(block, proposed, planned)))

    def ApplyResourceChange(self, request: Any, _context: Any) -> Any:  # noqa: N802
        planned = decoded(request.planned_state.msgpack)
        if planned is None:
            return plugin.ApplyResourceChange.Response(new_state=request.planned_state)
        block = self._resources[request.type_name]["block"]
        return plugin.ApplyResourceChange.Response(new_state=_value(invented(request.type_name, block, planned)))

    def ReadDataSource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        configured = decoded(request.config.msgpack) | _FIXED.get(request.type_name, {})
        if request.type_name == "aws_iam_policy_document":
            document = policy_document(configured)
            configured |= {"json": document, "minified_json": json.dumps(json.loads(document), separators=(",", ":"))}
        block = self._sources[request.type_name]["block"]
        return plugin.ReadDataSource.Response(state=_value(invented(request.type_name, block, configured)))

    def ImportResourceState(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.ImportResourceState.Response()

    def GetFunctions(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.GetFunctions.Response()

    def StopProvider(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin.StopProvider.Response()


class _Controller(controller_rpc.GRPCControllerServicer):
    def Shutdown(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return controller.Empty()


class _Output(stdio_rpc.GRPCStdioServicer):
    def StreamStdio(self, _request: Any, _context: Any) -> Iterator[Any]:  # noqa: N802
        return iter(())


def served(socket: Path, schema: Mapping[str, Any]) -> Any:
    """A server with the stand-in, at a socket."""
    unlimited = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    server = grpc.server(futures.ThreadPoolExecutor(16), options=unlimited)
    plugin_rpc.add_ProviderServicer_to_server(Provider(schema), server)
    controller_rpc.add_GRPCControllerServicer_to_server(_Controller(), server)
    stdio_rpc.add_GRPCStdioServicer_to_server(_Output(), server)
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    return server
