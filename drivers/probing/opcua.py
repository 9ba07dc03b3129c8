"""Looks at an OPC UA server: who it says that it is, and its address space from the Objects folder on, down to a depth."""

from __future__ import annotations

from collections.abc import Sequence

from asyncua import ua
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds

from drivers.outcomes import LOST, NoConnection, Refused, Unfit
from drivers.probing.findings import Bounds, Findings, Tell, plain
from drivers.probing.opcua_session import LookingSession
from drivers.probing.opcua_tree import NodeFound, thing
from drivers.probing.target import Target
from drivers.profile import AnyUnitProfile
from drivers.turns import loop_time

DEPTH = 6
AT_ONCE = 20
"""Nodes in one request: small servers refuse long ones."""

FACTS = {
    "product": ObjectIds.Server_ServerStatus_BuildInfo_ProductName,
    "manufacturer": ObjectIds.Server_ServerStatus_BuildInfo_ManufacturerName,
    "version": ObjectIds.Server_ServerStatus_BuildInfo_SoftwareVersion,
    "namespaces": ObjectIds.Server_NamespaceArray,
}
# What every server says of itself is not what hangs on it.
PASSED_OVER = {ua.NodeId(ua.Int32(ObjectIds.Server)): " (every server's own, not shown)"}


async def probe(
    target: Target, profiles: Sequence[AnyUnitProfile], bounds: Bounds, found: Findings, tell: Tell
) -> None:
    """Fill in what the server shows to a client without a name and without encryption. Raises what a session does."""
    session = LookingSession(target.link, target.url, loop_time)
    tell(f"connecting to {target.link} …")
    await session.connect(bounds.patience_s)
    found.heard = True
    look = _Look(session, bounds)
    try:
        await look.facts(found)
        await look.everything(tell)
    except LOST as error:
        found.notes.append(f"ended early: {error}")
    except Refused as error:
        found.notes.append(f"the server refuses to be looked at: {error}")
    finally:
        if look.cut:
            found.notes.append(f"only the first {look.seen} nodes are shown; --most N shows more")
        if look.deep:
            found.notes.append(f"{look.deep} nodes lie deeper than {DEPTH} levels and were not looked into")
        if look.roots:
            found.facts["shown"] = f"{look.seen} nodes"
            found.things.append(thing(look.roots))
        await session.goodbye(bounds.patience_s)


class _Look:
    """One walk through an address space, level by level, so that what is cut off lies deep."""

    def __init__(self, session: LookingSession, bounds: Bounds) -> None:
        self._session, self._within_s, self._most = session, bounds.patience_s, bounds.most
        self._known: set[ua.NodeId] = set()
        self.roots: list[NodeFound] = []
        self.seen = 0
        self.deep = 0
        self.cut = False

    async def facts(self, found: Findings) -> None:
        """Fill in who the server says that it is."""
        server = self._session.server
        if server is not None:
            found.facts["application"] = plain(str(server.ApplicationName.Text))
            found.facts["product uri"] = plain(str(server.ProductUri))
        wanted = [(ua.NodeId(ua.Int32(number)), AttributeIds.Value) for number in FACTS.values()]
        values = await self._session.attributes(wanted, self._within_s)
        for name, value in zip(FACTS, values, strict=True):
            if value.Value is not None and value.Value.Value:
                found.facts[name] = _fact(value.Value.Value)

    async def everything(self, tell: Tell) -> None:
        """Look at the Objects folder, and at all below it that is not too deep or too much."""
        root = NodeFound(ua.NodeId(ua.Int32(ObjectIds.ObjectsFolder)), "Objects", 0, variable=False)
        self.roots, level = [root], [root]
        self._known.add(root.id)
        while level and not self.cut:
            tell(f"\r{self.seen} nodes seen")
            level = [
                child for start in range(0, len(level), AT_ONCE) for child in await self._below(level[start:][:AT_ONCE])
            ]
            if level and level[0].depth >= DEPTH:
                self.deep = len(level)
                return

    async def _below(self, parents: Sequence[NodeFound]) -> list[NodeFound]:
        asked = [parent for parent in parents if parent.id not in PASSED_OVER]
        if not asked or self.cut:
            return []
        left = self._most - self.seen
        results = await self._session.browse([parent.id for parent in asked], left + 1, self._within_s)
        children: list[NodeFound] = []
        for parent, result in zip(asked, results, strict=True):
            for reference in await self._references(result, left + 1):
                children += self._take(parent, reference)
        variables = [child for child in children if child.variable]
        for start in range(0, len(variables), AT_ONCE):
            await self._fill(variables[start:][:AT_ONCE])
        return children

    async def _references(self, result: ua.BrowseResult, most: int) -> list[ua.ReferenceDescription]:
        references = list(result.References or ())
        point = result.ContinuationPoint
        while point:
            enough = len(references) >= most
            (more, *_) = await self._session.browse_on([point], enough, self._within_s) or [ua.BrowseResult()]
            if enough:
                break
            references += more.References or ()
            point = more.ContinuationPoint
        return references

    def _take(self, parent: NodeFound, reference: ua.ReferenceDescription) -> list[NodeFound]:
        node = ua.NodeId(reference.NodeId.Identifier, reference.NodeId.NamespaceIndex, reference.NodeId.NodeIdType)
        # Address spaces are no trees: what was seen by another way is not gone through again.
        if node in self._known:
            return []
        if self.seen >= self._most:
            self.cut = True
            return []
        self._known.add(node)
        self.seen += 1
        name = reference.BrowseName.Name or node.to_string()
        variable = reference.NodeClass == ua.NodeClass.Variable
        child = NodeFound(node, plain(name), parent.depth + 1, variable, more=PASSED_OVER.get(node, ""))
        parent.children.append(child)
        return [child]

    async def _fill(self, variables: Sequence[NodeFound]) -> None:
        asked = (AttributeIds.DataType, AttributeIds.UserAccessLevel, AttributeIds.Value)
        try:
            values = await self._session.attributes(
                [(node.id, attribute) for node in variables for attribute in asked], self._within_s
            )
        except (Refused, Unfit) as error:
            for node in variables:
                node.status = str(error)
            if isinstance(error, Unfit):
                raise NoConnection(str(error)) from None
            return
        for number, node in enumerate(variables):
            node.fill(*values[number * len(asked) :][: len(asked)])


def _fact(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(f"{number} {plain(str(one))}" for number, one in enumerate(value))
    return plain(str(value))
