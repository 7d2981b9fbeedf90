"""Notes every change to what tells customers apart, whichever page or import makes it, for the next comparison."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event, insert, inspect, select

from crm_core.customers.identity_model import DuplicateCheck
from crm_core.customers.model import Customer, CustomerAddress, CustomerHandle, CustomerPhone
from crm_core.vehicles.model import Vehicle, VehicleRole

# Only these: `last_contact_at`, `rfm` and the like change with every call.
_TELLING = frozenset(
    {"name", "name_pinyin", "kind", "birth_year", "gender", "salutation", "city", "e164", "label", "value", "street"}
)


def watch() -> None:
    """Listen for changes from now on. Calling it twice changes nothing."""
    for table in (Customer, CustomerPhone, CustomerHandle, CustomerAddress, VehicleRole, Vehicle):
        for moment, note in (("after_insert", _changed), ("after_update", _changed), ("after_delete", _gone)):
            if not event.contains(table, moment, note):
                event.listen(table, moment, note)


def _changed(mapper: Any, connection: Connection, target: Any) -> None:
    state = inspect(target)
    telling = _TELLING | ({"plate"} if isinstance(target, Vehicle) else {"customer_id"})
    if any(state.attrs[name].history.has_changes() for name in telling & set(mapper.column_attrs.keys())):
        _note(connection, target)


def _gone(_mapper: Any, connection: Connection, target: Any) -> None:
    if not isinstance(target, Customer | Vehicle):
        _note(connection, target)


def _note(connection: Connection, target: Any) -> None:
    if isinstance(target, Vehicle):
        ids = list(connection.scalars(select(VehicleRole.customer_id).where(VehicleRole.vehicle_id == target.id)))
    else:
        ids = [target.id if isinstance(target, Customer) else target.customer_id]
    if ids:
        connection.execute(insert(DuplicateCheck), [{"customer_id": customer_id} for customer_id in ids])
