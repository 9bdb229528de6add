"""The links of the document: ids flow from what makes or lists a thing to what is done to it."""

from __future__ import annotations

from typing import Any

from api.app import modules
from api.language import Texts
from api.openapi import build
from api.policy import POLICIES

DOCUMENT = build([route for module in modules() for route in module.all], POLICIES, Texts.load())
OPERATIONS = {
    entry["operationId"]: (method, path, entry)
    for path, item in DOCUMENT["paths"].items()
    for method, entry in item.items()
}


def links(method: str, path: str, status: str) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][path][method]["responses"][status].get("links", {})
    return found


def test_a_new_thing_leads_to_its_steps() -> None:
    order = links("post", "/v1/orders", "201")
    assert order["POST_v1_orders_id_cancel"]["parameters"] == {"id": "$response.body#/id"}
    address = links("post", "/v1/patients/{id}/addresses", "201")
    assert address["GET_v1_patients_id_addresses_address_id"]["parameters"] == {
        "id": "$request.path.id",
        "address_id": "$response.body#/id",
    }


def test_a_list_leads_on_from_its_first() -> None:
    offers = links("get", "/v1/nurse/offers", "200")
    accept = offers["POST_v1_offers_id_accept"]
    assert accept["parameters"] == {"id": "$response.body#/items/0/id"}


def test_an_accepted_offer_leads_to_the_visit() -> None:
    visit = links("post", "/v1/offers/{id}/accept", "200")
    assert visit["POST_v1_visits_id_depart"]["parameters"] == {"id": "$response.body#/visit_id"}


def test_every_link_leads_to_an_operation_that_asks_for_just_this() -> None:
    """And nobody is led to what no role of his may do."""
    for method, path, entry in OPERATIONS.values():
        for answer in entry["responses"].values():
            for link in answer.get("links", {}).values():
                to_method, to_path, target = OPERATIONS[link["operationId"]]
                asked = {one["name"] for one in target["parameters"] if one.get("in") == "path"}
                assert set(link["parameters"]) == asked
                roles = POLICIES[method.upper(), path].roles
                assert roles & POLICIES[to_method.upper(), to_path].roles
