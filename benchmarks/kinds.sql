-- A site of {size} contacts in five years, from the table n of the numbers 1 to {size}.
-- Every third caller is a customer, every tenth call is given up.

INSERT INTO dealer (id, code, name, short_name, province, city, address, phone, latitude, longitude, opens,
  closes, relations_manager, region, services, week, rescue_phone, closed_days, active) SELECT n, 'D' || n, 'D'
  || n, 'D' || n, '吉林', '长春', '', '', 0, 0, '08:30', '18:00', '', 'R' || (n % 6), '[]', '[]', '', '[]', 1 FROM n
  WHERE n <= 200;

INSERT INTO customer (id, kind, name, name_pinyin, salutation, customer_class, class_reason, life_cycle_stage,
  language, preference, city, dealer_id, sales_consultant, service_adviser, created_at, gender, brand, source,
  value_yuan, rfm, stage_reason, churn_risk, churn_reason, referrals, birthday) SELECT n, 'person', 'C' || n, '',
  '', 'standard', '', '', '', '', '', 1 + n % 200, '', '', '2021-07-15 00:00:00.000000', '', '', '', 0, '', '',
  '', '', 0, '' FROM n WHERE n <= {size} * 3 / 10;

INSERT INTO customer_worth (customer_id, kind, gender, city, dealer_id, source, known_since, recency_by,
  contacts, visits, open_complaints, refused, competitor, horizon, vehicles, vehicles_3y, vehicles_any_3y, cars,
  value_yuan, service_yuan, referrals, expected_yuan, next_need, customer_class, manual, life_cycle_stage,
  churn_risk, churn_score, dormant, recency_rank, frequency_rank, value_rank, computed_at) SELECT id, kind, '',
  '', dealer_id, '', '2021-07-15', '', 2, 1, 0, 0, 0, '', 1, 0, 0, 1, 100000, 5000, 0, 9000, '', CASE id % 20
  WHEN 0 THEN 'vip' ELSE 'standard' END, 0, 'stable', 'low', 0, 0, 0, 0, 0, created_at FROM customer;

INSERT INTO contact (id, channel, direction, caller, entry, customer_id, language, menu_path, menu_flow,
  menu_version, topic, queue, agent, started_at, answered_at, ended_at, outcome, ended_by, estimated, kind,
  sub_kind, relation, disposition, note) SELECT 'c' || n, 'voice', CASE n % 12 WHEN 0 THEN 'outbound' ELSE
  'inbound' END, '+86139' || (n * 31 % ({size} * 4 / 10)), '', CASE n % 3 WHEN 0 THEN 1 + n * 17 % ({size} * 3 /
  10) END, '', '', '', 0, 'repair', 'q' || (n % 6), 'a' || (n % 40), {at}, {at}, {at}, CASE WHEN n % 10 = 3 THEN
  'abandoned' ELSE 'answered' END, '', 0, CASE n % 4 WHEN 0 THEN 'complaint' ELSE 'repair' END, '', '',
  'answered', '' FROM n;

INSERT INTO queue_visit (contact_id, queue, entered_at, left_at, wait_seconds, result) SELECT id, queue,
  started_at, started_at, 20.0, outcome FROM contact;

INSERT INTO leg (id, contact_id, agent, queue, why, verdicts, needed_level, others, kind, party, offered_at,
  answered_at, ended_at, result, ended_by, hold_seconds, consult_seconds, given_to) SELECT id || '-1', id, agent,
  queue, 'longest_idle', '', 0, 0, 'agent', '', started_at, started_at, started_at, 'answered', '', 0, 0, CASE
  WHEN rowid % 25 = 0 THEN 'dealer:7' ELSE '' END FROM contact;

INSERT INTO case_file (id, number, kind, title, detail, status, steps, customer_id, dealer_id, opened_at, due_at,
  closed_at, sub_kind, level, stage, owner, opened_by, contact_id, relation, fields, model, part_code, part_name,
  pause_reason, paused_seconds, escalation, result, support, form_version, told, why_owner) SELECT n, 'GD-' || n,
  'complaint', '异响', '', 'closed', '[]', 1 + n % ({size} * 3 / 10), 1 + n % 200, {case_at}, {case_at}, CASE WHEN n % 200
  THEN {case_at} END, '', 'normal', '', 'a1', '', '', '', '{}', 'E6', '', '', '', 0, 0, '', '', 0, '[]', '' FROM n
  WHERE n <= {size} * 15 / 100;

INSERT INTO case_stage (case_id, stage, began_at, due_at, done_at, done_by) SELECT id, 'solve', opened_at,
  due_at, closed_at, '' FROM case_file;

INSERT INTO lead (id, number, customer_id, source, contact_id, model, wish, trade_in, test_drive, horizon,
  status, dealer_id, created_at, created_by, times_sent, lost_reason, lost_to, touchpoint, reminders,
  dealers_before) SELECT n, 'XS-' || n, 1 + n % ({size} * 3 / 10), 'web', '', '', '', '', 0, '', 'won', 1 + n %
  200, {lead_at}, '', 0, '', '', '', 0, '[]' FROM n WHERE n <= {size} / 20;

INSERT INTO lead_turn (lead_id, dealer_id, sent_at, due_at) SELECT id, dealer_id, created_at, created_at FROM
  lead;

INSERT INTO daily_figures (dealer_id, day, visitors, enquiries, reported_at, reported_by) SELECT dealer.id,
  date('2021-07-15', '+' || n || ' days'), 20, 10, '2026-07-15 00:00:00.000000', '' FROM dealer, n WHERE n <
  {days};

INSERT INTO vehicle (id, vin, plate, model, energy, mileage_km, state, use, brand, colour, production_number)
  SELECT n, printf('VIN%014d', n), '', 'E' || (n % 8), 'petrol', 0, 'sold', '', '', '', '' FROM n WHERE n <=
  {size} * 3 / 10;
