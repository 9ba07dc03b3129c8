"""A session that can look around in an address space, and does not write."""

from __future__ import annotations

from collections.abc import Sequence

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from drivers.opcua_session import Session
from drivers.outcomes import Unfit


class LookingSession(Session):
    """Not for two callers at a time. Each method raises NoConnection, NoAnswer, Refused, Unfit."""

    async def attributes(self, wanted: Sequence[tuple[ua.NodeId, AttributeIds]], within_s: float) -> list[ua.DataValue]:
        """Read attributes of nodes in one request, whatever the server holds ready."""
        parameters = ua.ReadParameters(
            TimestampsToReturn=ua.TimestampsToReturn.Neither,
            NodesToRead=[ua.ReadValueId(NodeId=node, AttributeId=attribute) for node, attribute in wanted],
        )
        values = await self._ask(self._client.uaclient.session.read, parameters, within_s)
        if len(values) != len(wanted):
            raise Unfit(f"{len(values)} values for {len(wanted)} attributes")
        return values

    async def browse(self, nodes: Sequence[ua.NodeId], most: int, within_s: float) -> list[ua.BrowseResult]:
        """Ask for the children of `nodes`, at most so many of each; a server may give fewer and a point to go on from."""
        parameters = ua.BrowseParameters(
            RequestedMaxReferencesPerNode=most,
            NodesToBrowse=[_children(node) for node in nodes],
        )
        results = await self._ask(self._client.uaclient.session.browse, parameters, within_s)
        if len(results) != len(nodes):
            raise Unfit(f"{len(results)} results for {len(nodes)} nodes")
        return results

    async def browse_on(self, points: Sequence[bytes], release: bool, within_s: float) -> list[ua.BrowseResult]:
        """Ask for more children, or tell the server that nobody will."""
        parameters = ua.BrowseNextParameters(ReleaseContinuationPoints=release, ContinuationPoints=list(points))
        return await self._ask(self._client.uaclient.session.browse_next, parameters, within_s)


def _children(node: ua.NodeId) -> ua.BrowseDescription:
    return ua.BrowseDescription(
        NodeId=node,
        BrowseDirection=ua.BrowseDirection.Forward,
        ReferenceTypeId=ua.NodeId(ua.Int32(ObjectIds.HierarchicalReferences)),
        IncludeSubtypes=True,
        NodeClassMask=ua.NodeClass.Object | ua.NodeClass.Variable,
        ResultMask=ua.BrowseResultMask.All,
    )
