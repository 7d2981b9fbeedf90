"""What a caller asks for without an agent: a call back, material, no more calls; and answers that are kept."""

from __future__ import annotations

import re

from crm_core.consent.actions import answers, stop_contact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.customers.queries import matches
from crm_core.errors import Invalid
from crm_core.history.model import ContactKind
from crm_core.phone import to_e164
from crm_core.self_service.callers import MENU, likely_customer
from crm_core.self_service.model import SurveyAnswer
from crm_core.self_service.rescues import open_for_caller
from ivr.self_service.asking import Ask, Done

BEST_SCORE = 10
_YES, _NO = ("yes", "given", "true", "1"), ("no", "refused", "false", "2", "0")
_STOPPED_CHANNELS = (Channel.PHONE, Channel.SMS)
_MATERIAL = {"brochure": "产品手册", "price_list": "价格表", "manual": "用车手册"}  # as the agents read it
_OWN_ACCOUNT = tuple(purpose for purpose in Purpose if purpose is not Purpose.SERVICE)


async def book_callback(ask: Ask) -> Done:
    """On the number keyed in, else on the caller's own."""
    number = ask.fact("callback_number") or ask.e164
    e164 = to_e164(number) or ""
    booked = bool(e164) and await ask.callbacks.book_from_menu(ask.asker.call, e164)
    facts = {"callback_number": e164} if booked else {}
    return Done(result="booked" if booked else "refused", facts=facts, customer_id=await ask.customer())


async def request_material(ask: Ask) -> Done:
    """A case of that kind; an agent sends what is asked."""
    customer_id = await likely_customer(ask.session, ask.asker.call, ask.e164, language=ask.asker.language, at=ask.at)
    wanted = _MATERIAL.get(ask.fact("material"), ask.fact("material"))[:60]
    title = f"索取资料：{wanted}" if wanted else "索取资料（电话菜单）"
    case = await open_for_caller(
        ask.session,
        customer_id,
        ContactKind.MATERIAL,
        title,
        call=ask.asker.call,
        vehicle_id=ask.proven.vehicle_id if ask.proven else None,
        at=ask.at,
        zone=ask.site.zone,
    )
    return Done(result="noted", facts={"case_number": case.number}, customer_id=customer_id, case_id=case.id)


async def stop_calls(ask: Ask) -> Done:
    """Nobody calls this number on our own account any more, and every customer who has it has refused."""
    if not ask.e164:
        raise Invalid("A caller who hides the number cannot have it stopped.", field="number")
    words = "电话菜单：请不要再来电"
    await stop_contact(ask.session, ask.e164, reason=words, actor=MENU, at=ask.at)
    for customer_id in await matches(ask.session, ask.e164):
        asked = [(purpose, channel) for purpose in _OWN_ACCOUNT for channel in _STOPPED_CHANNELS]
        await answers(
            ask.session, customer_id, asked, False, contact_id=ask.asker.call, words=words, actor=MENU, at=ask.at
        )
    return Done(result="stopped", customer_id=await ask.customer())


async def record_consent(ask: Ask) -> Done:
    """The proof is the contact and what was pressed. A refusal holds for all who have the number, a consent for one.

    Raises Invalid for an answer that is neither, and for a consent of nobody knows whom.
    """
    said = ask.fact("consent").lower()
    if said not in _YES + _NO:
        raise Invalid("Choose from the list.", field="consent")
    given, known = said in _YES, await ask.customer()
    who = [known] if known is not None else ([] if given else await matches(ask.session, ask.e164))
    if given and not who:
        raise Invalid("There is no such customer.", field="consent")
    purpose = ask.fact("purpose")
    words = f"电话菜单：{purpose} {'同意' if given else '不同意'}（{said}）"
    for customer_id in who:
        await answers(
            ask.session,
            customer_id,
            [(purpose, Channel.PHONE)],
            given,
            contact_id=ask.asker.call,
            words=words,
            actor=MENU,
            at=ask.at,
        )
    return Done(result="noted", customer_id=known)


async def survey_answer(ask: Ask) -> Done:
    """The last answer to a question holds. Raises Invalid for what is no score."""
    score, question = ask.fact("score"), ask.fact("question")
    if not re.fullmatch(r"[0-9]{1,2}", score) or int(score) > BEST_SCORE or not re.fullmatch(r"[\w.-]{1,40}", question):
        raise Invalid("A score is a number from 0 to {most}.", most=BEST_SCORE, field="score")
    customer_id = await ask.customer()
    row = SurveyAnswer(
        contact_id=ask.asker.call[:64], question=question, score=int(score), customer_id=customer_id, at=ask.at
    )
    await ask.session.merge(row)
    return Done(result="kept", customer_id=customer_id)
