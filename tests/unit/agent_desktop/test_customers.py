"""The customers' pages: who finds whom, what is shown, what is edited, and what is refused."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from crm_core.access.model import AuditEntry, User
from crm_core.access.passwords import hashed_now
from crm_core.customers.model import Customer, CustomerAddress, CustomerPhone
from crm_core.customers.part_states import read_state
from crm_core.customers.parts import Part, fingerprint
from crm_core.dealers.model import CareTask
from crm_core.vehicles.model import Delivery, Vehicle, VehicleRole
from tests.browser import people
from tests.browser.people import CHEN, LI_MIN
from tests.unit.agent_desktop.conftest import WebSite

HX = {"HX-Request": "true"}


async def csrf(web: WebSite, number: str = people.AGENT) -> dict[str, str]:
    entered = await web.enter(number)
    return {"X-CSRF-Token": entered.csrf}


async def base_of(web: WebSite, part: Part, customer_id: int = CHEN) -> str:
    async with web.db.begin() as session:
        customer = await session.get(Customer, customer_id)
        return fingerprint(await read_state(session, customer, part))


async def person_form(web: WebSite, **changes: str) -> dict[str, str]:
    async with web.db.begin() as session:
        state = await read_state(session, await session.get(Customer, CHEN), Part.PERSON)
    return {name: str("" if value is None else value) for name, value in state.items()} | {
        "base": fingerprint(state),
        **changes,
    }


async def test_the_list_shows_everybody_and_search_finds_by_what_a_caller_says(web: WebSite):
    await web.enter()
    whole = (await web.client.get("/customers")).text
    assert "陈建国" in whole
    for typed in ("13804317706", "陈建", "cjg"):
        found = (await web.client.get("/customers", params={"q": typed}, headers=HX)).text
        assert "陈建国" in found
        assert "<html" not in found
    assert "没有符合的客户" in (await web.client.get("/customers", params={"q": "查无此人"})).text
    assert "至少输入两个字符" in (await web.client.get("/customers", params={"q": "陈"})).text


async def test_filters_stand_in_the_address(web: WebSite):
    await web.enter()
    vip = (await web.client.get("/customers", params={"customer_class": "vip"})).text
    assert "陈建国" in vip
    assert re.search(r'value="vip" selected', vip)
    assert "陈建国" not in (await web.client.get("/customers", params={"customer_class": "key_account"})).text
    assert "陈建国" not in (await web.client.get("/customers", params={"q": "陈建", "dealer": "2"})).text


@pytest.mark.parametrize("params", [{"cursor": "x~y"}, {"dealer": "1 OR 1=1"}, {"q": "'; DROP TABLE customer;\0"}])
async def test_hostile_filters_break_nothing(web: WebSite, params: dict[str, str]):
    await web.enter()
    assert (await web.client.get("/customers", params=params)).status_code in (200, 422)


async def test_an_exported_list_has_a_mark_for_spreadsheets_and_no_formulas(web: WebSite):
    await web.enter()
    async with web.db.begin() as session:
        session.add(Customer(name="=HYPERLINK(1)", created_at=datetime.now(UTC)))
    answer = await web.client.get("/customers.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    names = {row[1] for row in rows}
    assert {"陈建国", "'=HYPERLINK(1)"} <= names
    assert "7706" in answer.text
    assert "13804317706" not in answer.text
    async with web.db.begin() as session:
        assert await session.scalar(select(func.count()).where(AuditEntry.action == "customers_exported")) == 1


async def test_a_new_customer_gets_a_page_and_a_wrong_number_a_sentence_under_its_field(web: WebSite):
    token = await csrf(web)
    made = await web.client.post("/customers", data={"name": "周敏", "number": "13944120099"}, headers=token)
    assert made.status_code == 303
    assert "周敏" in (await web.client.get(made.headers["location"])).text
    refused = await web.client.post("/customers", data={"name": "周敏二", "number": "12"}, headers=token)
    assert refused.status_code == 422
    assert "周敏二" in refused.text
    assert "12 不是完整的电话号码" in refused.text


async def test_a_customers_page_tells_who_what_was_and_what_comes(web: WebSite):
    await web.enter()
    text = (await web.client.get(f"/customers/{CHEN}")).text
    for told in ("陈建国", "家庭 3 台车", "长春金达远辰 4S 店", "周伟", "138 **** 7706", "满意度调查", "未结工单"):
        assert told in text
    assert "13804317706" not in text
    english = await web.enter(people.ENGLISH_AGENT)
    assert english
    assert "What comes next" in (await web.client.get(f"/customers/{CHEN}")).text


async def test_each_look_is_on_the_audit_log_once_in_ten_minutes(web: WebSite):
    await web.enter()
    for _ in range(3):
        await web.client.get(f"/customers/{CHEN}")
    async with web.db.begin() as session:
        looks = select(func.count()).where(
            AuditEntry.action == "customer_seen", AuditEntry.subject == f"customer/{CHEN}"
        )
        assert await session.scalar(looks) == 1
    assert "您最近看过" in (await web.client.get("/customers")).text


async def test_a_whole_number_is_shown_on_request_and_that_is_noted(web: WebSite):
    token = await csrf(web)
    async with web.db.begin() as session:
        phone = await session.scalar(select(CustomerPhone).where(CustomerPhone.customer_id == CHEN))
    answer = await web.client.post(f"/customers/phones/{phone.id}/show", headers=token)
    assert answer.json() == {"number": "13804317706"}
    assert (await web.client.post("/customers/phones/999999/show", headers=token)).status_code == 404
    async with web.db.begin() as session:
        assert await session.scalar(select(func.count()).where(AuditEntry.action == "number_shown")) == 1


async def test_contact_data_are_changed_in_place_and_taken_back(web: WebSite):
    token = await csrf(web)
    form = (await web.client.get(f"/customers/{CHEN}?edit=contact&region=contact", headers=HX)).text
    assert "<html" not in form
    fields = dict(re.findall(r'name="((?:phones|base)[^"]*)" value="([^"]*)"', form))
    fields |= {"addresses.0.street": "朝阳区同志街 1 号", "addresses.0.label": "home"}
    saved = await web.client.post(f"/customers/{CHEN}/edit/contact", data=fields, headers=token | HX)
    assert saved.status_code == 200
    assert "同志街" in saved.text
    change = re.search(r"/customers/changes/(\d+)/undo", saved.text)
    back = await web.client.post(f"/customers/changes/{change.group(1)}/undo", headers=token)
    assert back.headers["location"] == f"/customers/{CHEN}"
    async with web.db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(CustomerAddress)) == 0


async def test_what_was_typed_stays_when_it_is_refused(web: WebSite):
    token = await csrf(web)
    data = {"base": await base_of(web, Part.CONTACT), "phones.0.value": "12", "addresses.0.street": "很长的地址"}
    refused = await web.client.post(f"/customers/{CHEN}/edit/contact", data=data, headers=token | HX)
    assert refused.status_code == 422
    assert "12 不是完整的电话号码" in refused.text
    assert "很长的地址" in refused.text


async def test_two_who_edit_at_once_are_told_who_was_first(web: WebSite):
    token = await csrf(web)
    first, second = await person_form(web, preference="请发短信"), await person_form(web, city="吉林")
    assert (await web.client.post(f"/customers/{CHEN}/edit/person", data=first, headers=token)).status_code == 303
    told = await web.client.post(f"/customers/{CHEN}/edit/person", data=second, headers=token)
    assert told.status_code == 409
    assert "林晓梅 刚刚改过这里" in told.text
    assert 'value="吉林"' in told.text


async def test_script_in_a_name_is_shown_as_text(web: WebSite):
    token = await csrf(web)
    data = await person_form(web, name="<script>alert(1)</script>")
    await web.client.post(f"/customers/{CHEN}/edit/person", data=data, headers=token)
    text = (await web.client.get(f"/customers/{CHEN}")).text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


async def test_the_timeline_can_be_filtered_and_read_on(web: WebSite):
    await web.enter()
    cases = await web.client.get(f"/customers/{CHEN}?show=cases&region=timeline", headers=HX)
    assert "<html" not in cases.text
    assert 'class="ev case"' in cases.text
    assert 'class="ev call"' not in cases.text
    assert (await web.client.get(f"/customers/{CHEN}?before=nonsense")).status_code == 422


async def test_what_comes_next_says_whether_we_may_and_why_not(web: WebSite):
    await web.enter()
    async with web.db.begin() as session:
        task = CareTask(kind="two_weeks", subject="x/1", purpose="care", due_on=datetime.now(UTC).date())
        task.customer_id = CHEN
        session.add(task)
    text = (await web.client.get(f"/customers/{CHEN}")).text
    assert "交车两周回访" in text
    assert re.search(r'class="tag (good|breach|warn)">(可以|暂不|不可)<', text)


async def test_a_merged_customer_leads_to_the_living_one(web: WebSite):
    await web.enter()
    async with web.db.begin() as session:
        (await session.get(Customer, LI_MIN)).merged_into_id = CHEN
    answer = await web.client.get(f"/customers/{LI_MIN}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/customers/{CHEN}")
    assert f'href="/customers/{LI_MIN}"' not in (await web.client.get("/customers")).text


@pytest.mark.parametrize(
    "path", ["/customers/999999", "/customers/0", "/customers/99999999999999999999", "/customers/x"]
)
async def test_an_unknown_customer_is_not_found(web: WebSite, path: str):
    await web.enter()
    assert (await web.client.get(path)).status_code == 404


async def test_who_only_reviews_sees_and_may_not_change(web: WebSite):
    async with web.db.begin() as session:
        session.add(User(number="5001", name="质检", roles="quality", password_hash=hashed_now(people.PASSWORD)))
    token = await csrf(web, "5001")
    text = (await web.client.get(f"/customers/{CHEN}")).text
    assert "陈建国" in text
    assert "?edit=" not in text
    assert (await web.client.post(f"/customers/{CHEN}/edit/person", data={}, headers=token)).status_code == 403
    assert (await web.client.get("/customers.csv")).status_code == 403


async def test_an_administrator_sees_no_customer(web: WebSite):
    await web.enter(people.ADMIN)
    for path in ("/customers", f"/customers/{CHEN}"):
        assert (await web.client.get(path)).status_code == 403


async def test_a_vehicles_page_tells_its_life_and_changes_who_uses_it(web: WebSite):
    token = await csrf(web)
    async with web.db.begin() as session:
        car = await session.scalar(select(Vehicle).order_by(Vehicle.id))
        holder = await session.scalar(select(VehicleRole.customer_id).where(VehicleRole.vehicle_id == car.id))
    found = await web.client.get("/vehicles", params={"q": car.vin[-8:]})
    assert found.headers["location"] == f"/vehicles/{car.vin}"
    text = (await web.client.get(f"/vehicles/{car.vin}")).text
    assert car.model in text
    base = re.search(rf'roles/{holder}"><input[^>]*><input type="hidden" name="base" value="(\w+)"', text).group(1)
    path = f"/vehicles/{car.vin}/roles/{holder}"
    saved = await web.client.post(path, data={"base": base, "roles": ["driver"]}, headers=token)
    assert saved.status_code == 303
    late = await web.client.post(path, data={"base": base, "roles": ["buyer"]}, headers=token)
    assert late.status_code == 409
    assert "林晓梅 刚刚改过这里" in late.text
    undo = re.search(r"/customers/changes/\d+/undo", (await web.client.get(saved.headers["location"])).text).group()
    assert (await web.client.post(undo, headers=token)).status_code == 303


async def test_a_customer_is_linked_to_one_more_vehicle_by_its_vin(web: WebSite):
    await web.enter()
    async with web.db.begin() as session:
        foreign = Vehicle(vin="LYHSB5D29R0099999", plate="吉B99999", model="远辰 X3")
        session.add(foreign)
    answer = await web.client.get("/vehicles", params={"q": "R0099999", "customer": CHEN}, follow_redirects=True)
    assert "陈建国" in answer.text
    assert "待关联" in answer.text


async def test_a_delivery_is_checked_and_verified_on_the_vehicles_page(web: WebSite):
    token = await csrf(web)
    async with web.db.begin() as session:
        car = await session.scalar(select(Vehicle).order_by(Vehicle.id))
        session.add(Delivery(vehicle_id=car.id, customer_id=CHEN, delivered_on=datetime.now(UTC).date()))
    early = await web.client.post(f"/vehicles/{car.vin}/delivery/verify", headers=token)
    assert early.status_code == 409
    for step, data in (("check", {"use": "own"}), ("verify", {})):
        done = await web.client.post(f"/vehicles/{car.vin}/delivery/{step}", data=data, headers=token)
        assert done.status_code == 303
    assert (await web.client.post(f"/vehicles/{car.vin}/delivery/x", headers=token)).status_code == 404


async def test_a_fleet_of_many_vehicles_is_listed_page_by_page(web: WebSite):
    await web.enter()
    async with web.db.begin() as session:
        for place in range(60):
            vehicle = Vehicle(vin=f"LYHFLEET0{place:08d}", plate=f"吉C{place:05d}", model="远辰 V9 商务")
            session.add(vehicle)
            await session.flush()
            session.add(VehicleRole(vehicle_id=vehicle.id, customer_id=LI_MIN, role="buyer"))
    first = (await web.client.get(f"/customers/{LI_MIN}/vehicles")).text
    assert first.count("<tr>") == 51
    assert "start=50" in first
    one = (await web.client.get(f"/customers/{LI_MIN}/vehicles", params={"q": "吉C·00042"})).text
    assert "吉C·00042" in one
    assert "吉C·00041" not in one
    assert "没有符合的车辆" in (await web.client.get(f"/customers/{LI_MIN}/vehicles", params={"q": "没有"})).text
    assert "60" in (await web.client.get(f"/customers/{LI_MIN}")).text


@pytest.mark.parametrize(
    "path", ["/vehicles/NOSUCHVIN", "/vehicles/%00", "/vehicles/' OR 1=1", "/customers/999999/vehicles"]
)
async def test_an_unknown_vehicle_is_not_found(web: WebSite, path: str):
    await web.enter()
    assert (await web.client.get(path)).status_code == 404
