"""One module per screen; `routers` are all of them."""

from __future__ import annotations

from agent_desktop.pages import (
    alerts,
    answer,
    api_docs,
    bookings,
    bulletins,
    campaign,
    campaign_dealers,
    campaign_edit,
    campaign_evidence,
    campaign_fill,
    campaign_lists,
    campaigns,
    care,
    care_rules,
    case,
    case_new,
    case_radar,
    cases,
    consent,
    contact,
    customer,
    customer_phone,
    customer_pin,
    customer_worth,
    customers,
    desk,
    duplicates,
    files,
    floor,
    floor_acts,
    flows,
    flows_call,
    flows_edit,
    flows_paths,
    flows_sounds,
    flows_try,
    knowledge,
    knowledge_desk,
    knowledge_edit,
    lead,
    lead_new,
    leads,
    ledger,
    live_text,
    login,
    login_code,
    login_openid,
    media_actions,
    messages,
    nuisance,
    password,
    quality,
    quality_figures,
    quality_forms,
    quality_own,
    quality_panel,
    quality_sampling,
    quality_teach,
    questionnaire_results,
    questionnaires,
    recording_list,
    recording_out,
    recording_words,
    recordings,
    report_saved,
    reports,
    second_step,
    segment_export,
    segments,
    shifts,
    staffing,
    staffing_follow,
    staffing_plan,
    staffing_what_if,
    staffing_wishes,
    surveys,
    touchpoints,
    tv,
    vehicle,
    wallboard,
    wallboard_edit,
    where,
)
from agent_desktop.pages.admin import accounts as admin_accounts
from agent_desktop.pages.admin import audit as admin_audit
from agent_desktop.pages.admin import cases as admin_cases
from agent_desktop.pages.admin import classes as admin_classes
from agent_desktop.pages.admin import closure as admin_closure
from agent_desktop.pages.admin import contact_rules as admin_contact_rules
from agent_desktop.pages.admin import erasure as admin_erasure
from agent_desktop.pages.admin import hours as admin_hours
from agent_desktop.pages.admin import imports as admin_imports
from agent_desktop.pages.admin import keys as admin_keys
from agent_desktop.pages.admin import keywords as admin_keywords
from agent_desktop.pages.admin import live_text as admin_live_text
from agent_desktop.pages.admin import messages as admin_messages
from agent_desktop.pages.admin import metrics as admin_metrics
from agent_desktop.pages.admin import network, network_new, network_news, network_supply
from agent_desktop.pages.admin import people as admin_people
from agent_desktop.pages.admin import pops as admin_pops
from agent_desktop.pages.admin import queues as admin_queues
from agent_desktop.pages.admin import recording_storage as admin_recording_storage
from agent_desktop.pages.admin import recordings as admin_recordings
from agent_desktop.pages.admin import settings as admin_settings
from agent_desktop.pages.admin import sign_in as admin_sign_in
from agent_desktop.pages.admin import skills as admin_skills
from agent_desktop.pages.admin import surveys as admin_surveys
from agent_desktop.pages.admin import teams as admin_teams
from agent_desktop.pages.admin import versions as admin_versions
from agent_desktop.pages.admin import webhooks as admin_webhooks
from agent_desktop.pages.dealer import answers as dealer_answers
from agent_desktop.pages.dealer import care as dealer_care
from agent_desktop.pages.dealer import complaints as dealer_complaints
from agent_desktop.pages.dealer import daily as dealer_daily
from agent_desktop.pages.dealer import figures as dealer_figures
from agent_desktop.pages.dealer import knowledge as dealer_knowledge
from agent_desktop.pages.dealer import leads as dealer_leads
from agent_desktop.pages.dealer import news as dealer_news
from agent_desktop.pages.dealer import reports as dealer_reports
from agent_desktop.pages.dealer import rescues as dealer_rescues
from agent_desktop.pages.dealer import returned as dealer_returned
from agent_desktop.pages.dealer import staff as dealer_staff
from agent_desktop.pages.dealer import station as dealer_station
from agent_desktop.pages.dealer import supply as dealer_supply
from agent_desktop.pages.dealer import today as dealer_today
from agent_desktop.pages.dealer import workshop as dealer_workshop
from agent_desktop.pages.lines import numbers as line_numbers
from agent_desktop.pages.lines import rules as line_rules
from agent_desktop.pages.lines import tries as line_tries
from agent_desktop.pages.lines import trunks as line_trunks

routers = (
    login.router,
    login_code.router,
    login_openid.router,
    second_step.router,
    password.router,
    desk.router,
    floor.router,
    floor_acts.router,
    flows_edit.router,
    flows_paths.router,
    flows_sounds.router,
    flows_try.router,
    flows_call.router,
    flows.router,
    wallboard.router,
    wallboard_edit.router,
    tv.router,
    staffing.router,
    staffing_plan.router,
    staffing_follow.router,
    staffing_wishes.router,
    staffing_what_if.router,
    shifts.router,
    contact.router,
    nuisance.router,
    duplicates.router,
    customers.router,
    customer.router,
    vehicle.router,
    cases.router,
    case_radar.router,
    bookings.router,
    case_new.router,
    case.router,
    recording_list.router,
    recording_out.router,
    recordings.router,
    recording_words.router,
    alerts.router,
    customer_phone.router,
    where.router,
    messages.router,
    surveys.router,
    live_text.router,
    ledger.router,  # before the frame, which takes every other /reports/<id>
    bulletins.router,
    media_actions.router,
    quality_panel.router,
    quality_forms.router,
    quality_figures.router,
    quality_teach.router,
    quality_own.router,
    quality_sampling.router,
    quality.router,
    report_saved.router,
    reports.router,
    leads.router,
    campaigns.router,
    campaign_edit.router,
    campaign_evidence.router,
    campaign_fill.router,
    campaign_lists.router,
    campaign_dealers.router,
    campaign.router,
    care.router,
    care_rules.router,
    consent.router,
    admin_contact_rules.router,
    admin_live_text.router,
    admin_messages.router,
    admin_keywords.router,
    admin_recordings.router,
    admin_recording_storage.router,
    admin_erasure.router,
    admin_surveys.router,
    lead_new.router,
    touchpoints.router,
    lead.router,
    files.router,
    knowledge_desk.router,
    knowledge.router,
    knowledge_edit.router,
    admin_cases.router,
    admin_settings.router,
    admin_metrics.router,
    admin_queues.router,
    admin_people.router,
    admin_skills.router,
    admin_accounts.router,
    admin_sign_in.router,
    admin_teams.router,
    admin_hours.router,
    admin_closure.router,
    admin_versions.router,
    line_trunks.router,
    line_numbers.router,
    line_rules.router,
    line_tries.router,
    admin_imports.router,
    dealer_today.router,
    dealer_reports.router,
    dealer_complaints.router,
    dealer_rescues.router,
    dealer_leads.router,
    dealer_care.router,
    dealer_daily.router,
    customer_pin.router,
    customer_worth.router,
    segment_export.router,
    segments.router,
    admin_classes.router,
    answer.router,
    questionnaires.router,
    questionnaire_results.router,
    api_docs.router,
    admin_webhooks.router,
    admin_pops.router,
    admin_keys.router,
    admin_audit.router,
    dealer_station.router,
    dealer_staff.router,
    dealer_workshop.router,
    dealer_returned.router,
    dealer_news.router,
    dealer_knowledge.router,
    dealer_supply.router,
    dealer_figures.router,
    dealer_answers.router,
    network_new.router,
    network_news.router,
    network_supply.router,
    network.router,
)
