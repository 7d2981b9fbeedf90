"""What ERP and DMS send: vehicles, orders, deliveries, workshop visits. PUT again is the same row."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from agent_desktop.api.v1.calling import Call, TheCall, needs_scope
from agent_desktop.api.v1.lists import Cursor, CustomerId, Limit, by_id, listed
from agent_desktop.api.v1.shapes import Day, Id, Moment, Page, Strict
from agent_desktop.api.v1.vehicle_shapes import DeliveryOut, OrderOut, VehicleOut, VisitOut
from crm_core.integration import lists
from crm_core.integration import upserts as puts
from crm_core.integration.cursor import read_id
from crm_core.integration.scopes import Scope

router = APIRouter(prefix="/api/v1")
_READ, _WRITE = needs_scope(Scope.READ_VEHICLES), needs_scope(Scope.WRITE_VEHICLES)
Vin = Annotated[str, Path(max_length=17, examples=["LFV3A23C9P0012847"])]
OrderNumber = Annotated[str, Path(max_length=20, examples=["SO-2026-0001"])]
VisitNumber = Annotated[str, Path(max_length=20, examples=["W-88213"])]
Dealer = Annotated[str | None, Field(max_length=16, description="A dealer's code")]
Yuan = Annotated[int, Field(ge=0, le=2**31 - 1)]


class VehicleIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": "远辰 E6 四驱",
                    "plate": "吉AD30618",
                    "state": "sold",
                    "energy": "electric",
                    "production_number": "P-2026-11873",
                    "made_on": "2026-05-02",
                    "mileage_km": 41260,
                }
            ]
        }
    )
    model: str = Field(min_length=1, max_length=60)
    plate: str = Field("", max_length=10)
    brand: str = Field("", max_length=20)
    colour: str = Field("", max_length=20)
    energy: Literal["petrol", "hybrid", "electric"] = "petrol"
    state: Literal["ordered", "produced", "warehouse", "transport", "in_sale", "sold", "scrapped"] = "sold"
    production_number: str = Field("", max_length=30)
    made_on: Day | None = None
    sold_on: Day | None = None
    warranty_until: Day | None = None
    next_service_on: Day | None = None
    mileage_km: Yuan = 0
    dealer: Dealer = None


class OrderIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "customer_id": 1,
                    "model": "远辰 E6 四驱",
                    "status": "in_production",
                    "dealer": "JL001",
                    "equipment": ["全景天窗", "极地白"],
                    "production_number": "P-2026-11873",
                    "promised_on": "2026-12-20",
                }
            ]
        }
    )
    customer_id: Id
    model: str = Field(min_length=1, max_length=60)
    kind: Literal["intent", "order"] = "order"
    status: Literal["open", "in_production", "warehouse", "transport", "in_sale", "delivered", "cancelled"] = "open"
    status_at: Moment | None = Field(None, description="When the status changed; null = now")
    ordered_at: Moment | None = None
    production_number: str = Field("", max_length=30)
    equipment: list[Annotated[str, Field(max_length=80)]] = Field([], max_length=100)
    promised_on: Day | None = None
    dealer: Dealer = None
    vin: str | None = Field(None, max_length=17)


class DeliveryIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"customer_id": 1, "dealer": "JL001", "consultant": "高远", "use": "own"}]}
    )
    customer_id: Id
    dealer: Dealer = None
    consultant: str = Field("", max_length=40)
    use: Literal["", "own", "partner", "company"] = ""
    price_yuan: Yuan = 0


class Part(Strict):
    code: str = Field(max_length=40)
    name: str = Field("", max_length=60)
    count: int = Field(1, ge=1, le=10_000)


class VisitIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "vin": "LFV3A23C9P0012847",
                    "kind": "repair",
                    "came_at": "2026-07-14T01:30:00Z",
                    "dealer": "JL001",
                    "adviser": "周伟",
                    "mileage_km": 41302,
                    "complaint": "空调压缩机异响",
                    "parts": [{"code": "8K0-260-805", "name": "压缩机"}],
                    "cost_yuan": 0,
                }
            ]
        }
    )
    vin: str = Field(max_length=17)
    kind: Literal["maintenance", "repair", "warranty", "accident", "recall", "inspection"]
    came_at: Moment
    promised_at: Moment | None = None
    left_at: Moment | None = None
    customer_id: Id | None = None
    dealer: Dealer = None
    adviser: str = Field("", max_length=40)
    mileage_km: Yuan = 0
    complaint: str = Field("", max_length=20_000)
    work_done: str = Field("", max_length=20_000)
    parts: list[Part] = Field([], max_length=200)
    cost_yuan: Yuan = 0


@router.get("/vehicles", tags=["Vehicles"], dependencies=[_READ], response_model=Page[VehicleOut])
async def list_vehicles(
    call: TheCall,
    *,
    plate: Annotated[str, Query(max_length=10)] = "",
    customer_id: CustomerId = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Response:
    found = await lists.vehicles(
        call.session, call.reach, after=read_id(cursor), limit=limit, plate=plate, customer_id=customer_id
    )
    return listed(call, found, VehicleOut.of, by_id)


@router.get("/vehicles/{vin}", tags=["Vehicles"], dependencies=[_READ], response_model=VehicleOut)
async def read_vehicle(call: TheCall, vin: Vin) -> Response:
    return call.answer(VehicleOut.of(await lists.vehicle(call.session, call.reach, vin.upper())))


@router.put("/vehicles/{vin}", tags=["Vehicles"], dependencies=[_WRITE], response_model=VehicleOut)
async def put_vehicle(call: TheCall, vin: Vin, body: VehicleIn) -> Response:
    put = await puts.put_vehicle(call.session, vin, body.model_dump(), reach=call.reach, **call.by)
    return _put(call, VehicleOut.of(await lists.vehicle(call.session, call.reach, vin.upper())), put)


@router.get("/orders/{number}", tags=["Orders"], dependencies=[_READ], response_model=OrderOut)
async def read_order(call: TheCall, number: OrderNumber) -> Response:
    return call.answer(OrderOut.of(await lists.order(call.session, call.reach, number)))


@router.put("/orders/{number}", tags=["Orders"], dependencies=[_WRITE], response_model=OrderOut)
async def put_order(call: TheCall, number: OrderNumber, body: OrderIn) -> Response:
    """The order with its wishes on the way from the customer to production and back (B-240)."""
    put = await puts.put_order(call.session, number, body.model_dump(), reach=call.reach, **call.by)
    return _put(call, OrderOut.of(put.row), put)


@router.put(
    "/vehicles/{vin}/deliveries/{delivered_on}",
    tags=["Vehicles"],
    dependencies=[_WRITE],
    response_model=DeliveryOut,
)
async def put_delivery(
    call: TheCall, vin: Vin, delivered_on: Annotated[Day, Path(examples=["2026-07-01"])], body: DeliveryIn
) -> Response:
    """The handing-over: the customer becomes the vehicle's buyer."""
    day: date = delivered_on
    put = await puts.put_delivery(call.session, vin, day, body.model_dump(), reach=call.reach, **call.by)
    return _put(call, DeliveryOut.of(put.row), put)


@router.get("/workshop-visits/{number}", tags=["Workshop visits"], dependencies=[_READ], response_model=VisitOut)
async def read_visit(call: TheCall, number: VisitNumber) -> Response:
    return call.answer(VisitOut.of(await lists.visit(call.session, call.reach, number)))


@router.put("/workshop-visits/{number}", tags=["Workshop visits"], dependencies=[_WRITE], response_model=VisitOut)
async def put_visit(call: TheCall, number: VisitNumber, body: VisitIn) -> Response:
    put = await puts.put_visit(call.session, number, body.model_dump(), reach=call.reach, **call.by)
    return _put(call, VisitOut.of(put.row), put)


def _put(call: Call, body: BaseModel, put: puts.Put) -> Response:
    """201 for a new row, 200 for one that was there."""
    return call.answer(body, 201 if put.created else 200)
