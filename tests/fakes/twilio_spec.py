"""Twilio's own OpenAPI file: every request of ours must be one that it describes."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

FILE = Path(__file__).resolve().parents[3] / "shared" / "specs" / "twilio_api_v2010.json"
_CALLS = "/2010-04-01/Accounts/{AccountSid}/Calls.json"
_CALL = "/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json"
_MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
_MESSAGE = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json"
_ACCOUNT = "/2010-04-01/Accounts/{Sid}.json"
_PATHS = (_CALLS, _CALL, _MESSAGES, _MESSAGE, _ACCOUNT)


def is_present() -> bool:
    return FILE.exists()


def check(request: web.Request, form: Mapping[str, list[str]]) -> None:
    """Raise if the specification is present and does not describe ``request``, or a parameter of it."""
    if not is_present():
        return
    many, one = (_MESSAGES, _MESSAGE) if "/Messages" in request.path else (_CALLS, _CALL)
    path = many if request.path.endswith(("/Calls.json", "/Messages.json")) else one
    path = _ACCOUNT if request.path.count("/") == 3 else path
    operation = _document()["paths"][path][request.method.lower()]
    known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    unknown = set(request.query) - known
    if request.method == "POST":
        schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        unknown |= set(form) - set(schema["properties"])
    assert not unknown, f"Twilio knows no parameter {sorted(unknown)}"
    _specification().validate_request(_request(request, form))


@cache
def _document() -> dict[str, Any]:
    """The file without the thousand paths that are not asked for."""
    document: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    document["paths"] = {path: document["paths"][path] for path in _PATHS}
    return document


@cache
def _specification() -> OpenAPI:
    return OpenAPI.from_dict(_document())


def _request(request: web.Request, form: Mapping[str, list[str]]) -> Any:
    """As openapi-core wants to see it (openapi_core.protocols.Request)."""
    parameters = RequestParameters(
        query=ImmutableMultiDict(list(request.query.items())), header=Headers(dict(request.headers))
    )
    return SimpleNamespace(
        host_url="https://api.twilio.com",
        path=request.path,
        full_url_pattern="https://api.twilio.com" + request.path,
        method=request.method.lower(),
        content_type=request.content_type,
        body=urlencode(form, doseq=True).encode() if form else None,
        parameters=parameters,
    )
