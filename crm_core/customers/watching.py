"""Notes every change to what tells customers apart, whichever page or import makes it, for the next comparison.

The notes are written once, before the transaction ends: a thousand changed rows cost one statement.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, object_session

from crm_core.customers.identity_model import DuplicateCheck
from crm_core.customers.model import Customer, CustomerAddress, CustomerHandle, CustomerPhone
from crm_core.vehicles.model import Vehicle, VehicleRole

# Only these: `last_contact_at`, `rfm` and the like change with every call.
_TELLING = frozenset(
    {"name", "name_pinyin", "kind", "birth_year", "gender", "salutation", "city", "e164", "label", "value", "street"}
)
_CUSTOMERS, _VEHICLES, _UNWATCHED = "changed_customers", "changed_vehicles", "unwatched"


def watch() -> None:
    """Listen for changes from now on. Calling it twice changes nothing."""
    for table in (Customer, CustomerPhone, CustomerHandle, CustomerAddress, VehicleRole, Vehicle):
        for moment, note in (("after_insert", _made), ("after_update", _changed), ("after_delete", _gone)):
            if not event.contains(table, moment, note):
                event.listen(table, moment, note)
    if not event.contains(Session, "before_commit", _write):
        event.listen(Session, "before_commit", _write)


def leave_unwatched(session: AsyncSession) -> None:
    """Whoever writes very many rows, and may take them back at once, notes by `duplicates.mark` what stays of them."""
    session.sync_session.info[_UNWATCHED] = True


def _made(_mapper: Any, _connection: Any, target: Any) -> None:
    _note(target)


def _changed(mapper: Any, _connection: Any, target: Any) -> None:
    session = object_session(target)
    if session is None or _UNWATCHED in session.info:
        return
    state = inspect(target)
    telling = _TELLING | ({"plate"} if isinstance(target, Vehicle) else {"customer_id"})
    if any(state.attrs[name].history.has_changes() for name in telling & set(mapper.column_attrs.keys())):
        _note(target)


def _gone(_mapper: Any, _connection: Any, target: Any) -> None:
    if not isinstance(target, Customer | Vehicle):
        _note(target)


def _note(target: Any) -> None:
    session = object_session(target)
    if session is None or _UNWATCHED in session.info:
        return
    if isinstance(target, Vehicle):
        session.info.setdefault(_VEHICLES, set()).add(target.id)
    else:
        changed = target.id if isinstance(target, Customer) else target.customer_id
        session.info.setdefault(_CUSTOMERS, set()).add(changed)


def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    customers: set[int] = session.info.pop(_CUSTOMERS, set())
    vehicles: set[int] = session.info.pop(_VEHICLES, set())
    if vehicles:
        customers |= set(session.scalars(select(VehicleRole.customer_id).where(VehicleRole.vehicle_id.in_(vehicles))))
    if customers:
        session.execute(insert(DuplicateCheck), [{"customer_id": one} for one in sorted(customers)])
