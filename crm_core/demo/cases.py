"""Cases that grew out of the demo's contacts, and the story of Chen Jianguo, whose card the mocks show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from crm_core.demo.staff import LIN
from crm_core.demo.wording import CASES, STEPS

_DAYS_TO_DO = {"repair": 4, "complaint": 3, "rescue": 1, "enquiry": 3, "material": 5, "order": 6}
_SHARE_WITH_CASE = 0.36
CHEN = 1


def make_cases(
    random: Random, contacts: list[dict[str, Any]], dealers: Mapping[int, int], now: datetime, zone: tzinfo
) -> list[dict[str, Any]]:
    """Rows of `case_file`; the contacts that opened one get its `case_id`. `dealers`: customer id to dealer id."""
    cases: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    opening = [row for row in contacts if row["disposition"] in ("case_opened", "rescue_sent") and row["customer_id"]]
    for contact in opening:
        if random.random() < _SHARE_WITH_CASE and contact["kind"] in CASES:
            words = random.choice(CASES[contact["kind"]])
            case = _case(len(cases) + 1, contact, words, counts=counts, zone=zone, random=random)
            case["dealer_id"] = dealers[contact["customer_id"]]
            _progress(random, case, contact["kind"], now)
            contact["case_id"] = case["id"]
            cases.append(case)
    return cases


def tell_chen(contacts: list[dict[str, Any]], first_case: int, now: datetime, zone: tzinfo) -> list[dict[str, Any]]:
    """Chen Jianguo called Lin Xiaomei three days ago about his air conditioning; the part is due today.

    His calls take the place of other calls that she had, so that her day stays whole.
    """
    talks = [row for row in contacts if row["agent"] == LIN.number and row["outcome"] in ("answered", "reached")]
    three_days = [row for row in talks if row["topic"] == "repair" and row["started_at"] < now - timedelta(days=2.5)]
    survey = [row for row in talks if row["direction"] == "outbound" and row["started_at"] < now - timedelta(days=15)]
    earlier = [row for row in talks if row["topic"] == "enquiry" and row["started_at"] < now - timedelta(days=20)]
    texts = (
        (
            three_days,
            "8613843107706",
            1,
            "异响",
            "case_opened",
            "上坡和等红灯时空调有“哒哒”声，制冷正常。已建工单并派店，配件到店当天电话通知。",
        ),
        (survey, "8613843107706", 1, "四周满意度", "answered", "总体 5，按时交车 5，服务顾问建议 4。"),
        (earlier, "8643184863318", 3, "置换", "answered", "咨询 C7 置换价格，看好 E8，中期考虑。"),
    )
    told = []
    for candidates, number, vehicle, sub_kind, disposition, note in texts:
        if not candidates:
            continue
        row = candidates[-1]
        row.update(caller=f"+{number}", customer_id=CHEN, vehicle_id=vehicle, sub_kind=sub_kind, relation="owner")
        row.update(disposition=disposition, note=note, language="zh-CN", recorded_at=row["ended_at"])
        told.append(row)
    opened = told[0]["started_at"] if told and told[0]["topic"] == "repair" else now - timedelta(days=3)
    cases = _chens_cases(opened, first_case, now, zone)
    if told and told[0]["topic"] == "repair":
        told[0]["case_id"] = cases[0]["id"]
    return cases


def _chens_cases(opened: datetime, first: int, now: datetime, zone: tzinfo) -> list[dict[str, Any]]:
    day = opened.astimezone(zone).date()
    today = now.astimezone(zone).date()
    due = datetime.combine(today, time(18), zone).astimezone(UTC)
    plan = zip(STEPS["repair"], (day, day, day + timedelta(days=1), None, None, None), strict=True)
    base = {"status": "open", "customer_id": CHEN, "vehicle_id": 1, "dealer_id": 1, "closed_at": None}
    part = {
        **base,
        "id": first,
        "number": f"GD-{day:%m%d}-9183",
        "kind": "repair",
        "title": "空调压缩机异响，等配件",
        "detail": "零件 8K0-260-805，中心库已发，预计今天 14:00 到店。",
        "steps": _written([(name, done) for name, done in plan]),
        "opened_at": opened,
        "due_at": due if due > now else due + timedelta(days=1),
    }
    leaflet = {
        **base,
        "id": first + 1,
        "number": f"GD-{day + timedelta(days=1):%m%d}-9047",
        "kind": "material",
        "title": "索取 E6 冬季用车手册",
        "detail": "电子版即可。",
        "steps": _written([("受理", day + timedelta(days=1)), ("寄出", None), ("确认收到", None)]),
        "opened_at": opened + timedelta(days=1),
        "due_at": due + timedelta(days=1),
    }
    return [part, leaflet]


def _case(
    case_id: int,
    contact: dict[str, Any],
    words: tuple[str, str],
    *,
    counts: dict[str, int],
    zone: tzinfo,
    random: Random,
) -> dict[str, Any]:
    prefix = f"{'TS' if contact['kind'] == 'complaint' else 'GD'}-{contact['started_at'].astimezone(zone):%m%d}-"
    counts[prefix] = counts.get(prefix, random.randrange(10, 40)) + random.randint(1, 6)
    days = _DAYS_TO_DO[contact["kind"]]
    return {
        "id": case_id,
        "number": f"{prefix}{counts[prefix]:04d}",
        "kind": contact["kind"],
        "title": words[0],
        "detail": words[1],
        "status": "open",
        "steps": "[]",
        "customer_id": contact["customer_id"],
        "vehicle_id": contact["vehicle_id"],
        "dealer_id": None,
        "opened_at": contact["ended_at"],
        "due_at": contact["ended_at"] + timedelta(days=days),
        "closed_at": None,
    }


def _progress(random: Random, case: dict[str, Any], kind: str, now: datetime) -> None:
    """How far the case has come: most are closed in time, a few are late."""
    needed = timedelta(days=_DAYS_TO_DO[kind] * random.lognormvariate(-0.35, 0.45))
    names = STEPS[kind]
    done: list[tuple[str, date | None]] = []
    for place, name in enumerate(names):
        at = case["opened_at"] + needed * place / (len(names) - 1)
        done.append((name, at.date() if at <= now else None))
    case["steps"] = _written(done)
    closed = case["opened_at"] + needed
    if closed <= now:
        case.update(closed_at=closed, status="closed")


def _written(steps: list[tuple[str, date | None]]) -> str:
    return json.dumps(
        [{"name": name, "done_on": day.isoformat() if day else None} for name, day in steps], ensure_ascii=False
    )
