"""The site's plan, fit to be part of a page: what draws stays, what could run, load or lead elsewhere is left out.

The plan comes from the site's folder, and the page trusts nobody: elements and attributes that are not known to draw are dropped.
Its style sheet is nested in `.plan`, so that it is about the plan alone, and in a layer of its own, so that how a device looks is
the console's to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from markupsafe import Markup

SVG = "http://www.w3.org/2000/svg"
ELEMENTS = re.compile(
    "svg|g|title|desc|style|defs|rect|circle|ellipse|line|polyline|polygon|path|text|tspan|linearGradient|radialGradient|stop"
)
ATTRIBUTES = re.compile(
    "id|class|viewBox|x|y|x1|y1|x2|y2|cx|cy|r|rx|ry|width|height|d|points|transform|fill|stroke|stroke-(width|dasharray|linecap|"
    "linejoin)|opacity|(fill|stroke)-opacity|font-(family|size|weight)|text-anchor|dominant-baseline|dx|dy|offset|"
    "stop-(color|opacity)|gradientUnits|preserveAspectRatio"
)
ELSEWHERE = re.compile(r"url\s*\(|@import|expression|\\|</|/\*", re.IGNORECASE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DEVICE = "device-"


def fit(source: str, nonce: str, looks: Mapping[str, tuple[str, str]]) -> Markup | None:
    """Return the plan as a part of a page; None where it is no drawing. `nonce` is what the page's policy lets its style by.

    `looks` gives each device how it looks and what it is called: its group can be found as `[data-device]`, and is a link.
    """
    if "<!DOCTYPE" in source or "<!ENTITY" in source:
        return None
    try:
        root = ElementTree.fromstring(source)  # noqa: S314 (no entities: refused above)
    except ElementTree.ParseError:
        return None
    if root.tag != f"{{{SVG}}}svg":
        return None
    _clean(root, nonce, looks)
    root.set("role", "group")
    root.set("translate", "no")
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    ElementTree.register_namespace("", SVG)
    return Markup(ElementTree.tostring(root, "unicode"))  # noqa: S704 (cleaned above)


def _clean(element: ElementTree.Element, nonce: str, looks: Mapping[str, tuple[str, str]]) -> None:
    for child in list(element):
        if not ELEMENTS.fullmatch(_name(child)):
            element.remove(child)
        else:
            _clean(child, nonce, looks)
    for name, value in list(element.attrib.items()):
        # An id of a plan must not be taken for one of the page.
        strange = name == "id" and not value.startswith(DEVICE)
        if strange or not ATTRIBUTES.fullmatch(name) or ELSEWHERE.search(value):
            del element.attrib[name]
    name = _name(element)
    if name == "style":
        for child in list(element):
            element.remove(child)
        sheet = COMMENT.sub("", element.text or "")
        element.text = (
            f"@layer plan {{ .plan {{ {sheet} }} }}" if _closed(sheet) and not ELSEWHERE.search(sheet) else ""
        )
        element.set("nonce", nonce)
    elif name == "g" and (device := element.get("id", "").removeprefix(DEVICE)) in looks:
        look, label = looks[device]
        for key, value in {"data-device": device, "data-look": look, "role": "link", "tabindex": "0"}.items():
            element.set(key, value)
        element.set("aria-label", label)


def _closed(sheet: str) -> bool:
    """Tell whether every brace of a style sheet is closed, and none that it has not opened: else it would leave the plan."""
    depth = 0
    for letter in sheet:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth < 0 or letter in "\"'":
            return False
    return depth == 0


def _name(element: ElementTree.Element) -> str:
    """Return the name of an SVG element; of anything else what no SVG element is called."""
    tag = str(element.tag)
    return tag.removeprefix(f"{{{SVG}}}")
