"""What openapi.json says beyond schemas: names of operations, links, examples, and the code of every error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from controller.api import codes
from tests.api.test_openapi import DOCUMENT, REFERENCE, operations


def test_every_operation_has_a_name_of_its_own_and_a_summary():
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    assert {"get_devices_id", "post_commands_id_hold", "get_openapi_json"} <= set(names)
    assert [what for *what, operation in operations() if not operation["summary"]] == []


def test_every_link_leads_to_an_operation_with_its_parameters():
    takes = {op["operationId"]: [p["name"] for p in op.get("parameters", [])] for _, _, op in operations()}
    links = [
        link for _, _, op in operations() for a in op["responses"].values() for link in a.get("links", {}).values()
    ]
    assert links
    assert [link for link in links if not link["parameters"].keys() <= set(takes[link["operationId"]])] == []


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    for method, path, operation in operations():
        for what in (operation.get("requestBody", {}), *operation["responses"].values()):
            for content in what.get("content", {}).values():
                yield f"{method} {path}", content


def exemplified(content: dict[str, Any]) -> bool:
    """Tell whether there is an example, in the content, its schema, or what that is made of."""
    schema = content["schema"]
    if name := schema.get("items", schema).get("$ref"):
        return bool(DOCUMENT["components"]["schemas"][name.rpartition("/")[2]]["examples"])
    return "example" in content or "examples" in schema


def test_every_body_and_every_answer_has_an_example():
    assert [what for what, content in contents() if not exemplified(content)] == []


MADE_UP = {"not-found": 404, "method-not-allowed": 405, "no-such-user": 404, "no-such-token": 404}
"""Codes that are put together: by the router's phrase, or by what is not there."""


def codes_of_the_sources() -> dict[str, int]:
    sources = "".join(file.read_text("utf-8") for file in Path(codes.__file__).parent.rglob("*.py"))
    raised = {code: int(status) for status, code in re.findall(r'Problem\(\s*(\d{3}),\s*"([\w-]+)"', sources)}
    wrong = re.findall(r'told\(wrong="([\w-]+)"(?:, status=(\d{3}))?\)', sources)
    written = dict.fromkeys(re.findall(r'"code": "(refused)"', sources), 409)
    return {**raised, **{code: int(status or 401) for code, status in wrong}, **written, **MADE_UP}


def codes_of_the_reference() -> dict[str, int]:
    rows = re.findall(r"^\| (\d{3}) \| (`[^|]*`) \|", REFERENCE.read_text("utf-8"), re.MULTILINE)
    return {code: int(status) for status, cell in rows for code in re.findall(r"`([\w-]+)`", cell)}


def test_every_code_of_an_error_is_raised_documented_and_in_the_reference():
    assert codes.CODES == codes_of_the_sources() == codes_of_the_reference()
