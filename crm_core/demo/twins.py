"""Customers who are there twice, as lists of dealers bring them; a list that was taken over; the first comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm_core.customers.duplicates import RUN
from crm_core.customers.spelling import spelled
from crm_core.demo.people import People
from crm_core.imports.fields import guess

TWINS = 9
_HEARD = {"伟": "玮", "敏": "民", "丽": "莉", "建": "健", "军": "君", "芳": "方", "刚": "钢", "强": "墙", "燕": "艳"}
_HEADER = ("工单号", "VIN", "进厂时间", "出厂时间", "维修类型", "进厂里程", "维修项目", "费用", "客户姓名", "手机")


def double_some(people: People) -> None:
    """Some prospects are in truth customers we know: the same number, the name as the dealer heard it."""
    random = Random("yuanchen twins")
    prospects = [row for row in people.customers[80:] if row["kind"] == "person" and not _cars(people, row)]
    known = [row for row in people.customers[80:] if row["kind"] == "person" and _cars(people, row)]
    own = {row["customer_id"]: row for row in people.phones if row["label"] == "mobile"}
    pairs = zip(prospects, random.sample(known, len(known)), strict=False)
    usable = [(twin, one) for twin, one in pairs if twin["id"] in own and one["id"] in own]
    for place, (twin, one) in enumerate(usable[:TWINS]):
        name = one["name"]
        if place % 2:
            name = "".join(_HEARD.get(sign, sign) for sign in name)
        twin.update(name=name, name_pinyin=spelled(name), salutation=one["salutation"], city=one["city"])
        twin.update(birth_year=one["birth_year"] if place % 3 else None, dealer_id=one["dealer_id"])
        own[twin["id"]]["e164"] = own[one["id"]]["e164"]


def _cars(people: People, row: Mapping[str, Any]) -> list[int]:
    return people.vehicles_of.get(row["id"], [])


def identity_rows(people: People, now: datetime) -> dict[str, Sequence[Mapping[str, Any]]]:
    """The comparison of everybody is due at once: the platform finds the twins by itself."""
    run = {"position": 0, "last_id": len(people.customers), "found": 0, "began_at": now, "began_by": "2001"}
    job = {"kind": RUN, "key": "site", "due_at": now}
    return {"duplicate_run": [run], "job": [job], "data_import": [_visits(now)]}


def _visits(now: datetime) -> dict[str, Any]:
    at = now - timedelta(days=2, hours=3)
    return {
        "kind": "visits",
        "name": "长春金达 进厂维修 上月.xlsx",
        "file": "demo-visits.rows",
        "size": 48_000,
        "sha256": "0" * 64,
        "header": list(_HEADER),
        "columns": guess("visits", _HEADER),
        "system": "dms",
        "state": "done",
        "rows": 318,
        "done": 318,
        "counts": {"unchanged": 311, "refused": 7},
        "problems": {"vin_length.vin": 4, "date_impossible.came_at": 3},
        "uploaded_at": at,
        "uploaded_by": "9001",
        "began_at": at + timedelta(minutes=4),
        "ended_at": at + timedelta(minutes=5),
    }
