// Painters of the panels that follow the feed: figures, queues, agents, curves. A panel that is not there is passed over.
import { byId, count, dated, flag, language, longDay, percent, share, show, tone, weekday, words } from "./board_parts";
import { drawCurve } from "./board_curve";
import { type Board, type Limit, type Limits, type QueueLine, type Tone, stateTone } from "./board_model";
import { duration, say, setText } from "./page";

export type Tones = Partial<Record<Limit, Tone>>;

/** The four large figures and their smaller sisters; gives the colours, which may be heard. */
export function paintFigures(board: Board, limits: Limits, now: number): Tones {
  const waited = board.longest_since === null ? null : now - board.longest_since;
  const tones: Tones = {
    waiting: limits.rising("waiting", board.waiting),
    longest: limits.rising("longest", waited),
    level: limits.level(board.level, board.target),
    abandon: limits.rising("abandon", board.abandon === null ? null : board.abandon * 100),
  };
  paintWaiting(board, limits, tones, waited);
  paintShares(board, limits, tones, now);
  setText(byId("offered"), count(board.offered));
  setText(byId("offered-note"), say(words, "abandoned_of", { abandoned: board.abandoned, offered: count(board.offered) }));
  setText(byId("answered"), count(board.answered));
  setText(byId("answered-note"), board.offered ? percent(board.answered / board.offered) : "");
  setText(byId("asa"), board.asa === null ? "—" : duration(board.asa));
  setText(byId("aht"), board.aht === null ? "—" : duration(board.aht));
  setText(byId("big-clock"), dated(now, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
  setText(byId("clock-day"), longDay(now));
  return tones;
}

function paintWaiting(board: Board, limits: Limits, tones: Tones, waited: number | null): void {
  setText(byId("waiting"), String(board.waiting));
  setText(byId("waiting-note"), say(words, "free", { count: board.free }));
  tone(byId("waiting"), tones.waiting ?? "");
  flag("waiting-flag", say(words, "callers", { count: limits.of("waiting", tones.waiting ?? "") }), tones.waiting ?? "");
  setText(byId("longest"), waited === null ? "—" : duration(waited));
  byId("longest")?.classList.toggle("longer", (waited ?? 0) >= 3600);
  tone(byId("longest"), tones.longest ?? "");
  const over = tones.longest === "breach" ? "breach" : "";
  flag("longest-flag", say(words, "longer_than", { seconds: limits.of("longest", "breach") }), over);
  const queue = board.queues.find((one) => one.id === board.longest_queue)?.[language] ?? "";
  setText(byId("longest-note"), waited === null ? (words["nobody"] ?? "") : queue);
}

function paintShares(board: Board, limits: Limits, tones: Tones, now: number): void {
  share(byId("level"), board.level);
  tone(byId("level"), tones.level ?? "");
  flag("level-flag", say(words, "below", { percent: board.target ?? "" }), tones.level ?? "");
  const past = board.level_week_ago;
  const key = past === null ? "today_only" : "past_level";
  setText(byId("level-note"), say(words, key, { weekday: weekday(now), rate: past === null ? "" : percent(past) }));
  share(byId("abandon"), board.abandon);
  tone(byId("abandon"), tones.abandon ?? "");
  flag("abandon-flag", say(words, "above", { percent: limits.of("abandon", tones.abandon ?? "") }), tones.abandon ?? "");
  setText(byId("abandon-note"), say(words, "abandoned_of", { abandoned: board.abandoned, offered: count(board.offered) }));
}

/** Rows from `first` on; gives how many queues fit on one page. */
export function paintQueues(board: Board, limits: Limits, first: number, now: number): void {
  byId("queues")
    ?.querySelectorAll("tr")
    .forEach((row, index) => paintQueue(row, board.queues[first + index], limits, now));
  show("no-queues", board.queues.length === 0);
}

function paintQueue(row: HTMLTableRowElement, queue: QueueLine | undefined, limits: Limits, now: number): void {
  row.hidden = !queue;
  const [name, waiting, longest, offered, answered, abandon, level] = [...row.cells];
  if (!queue || !name || !waiting || !longest || !offered || !answered || !abandon || !level) return;
  const waited = queue.longest_since === null ? null : now - queue.longest_since;
  setText(name, queue[language]);
  setText(waiting, String(queue.waiting));
  waiting.classList.toggle("zero", queue.waiting === 0);
  setText(longest, waited === null ? "—" : duration(waited));
  longest.classList.toggle("zero", waited === null);
  tone(longest, limits.rising("longest", waited));
  setText(offered, count(queue.offered));
  setText(answered, count(queue.answered));
  share(abandon, queue.abandon);
  tone(abandon, limits.rising("abandon", queue.abandon === null ? null : queue.abandon * 100));
  paintMeter(level, queue, limits.level(queue.level, queue.target));
}

function paintMeter(cell: HTMLElement, queue: QueueLine, name: Tone): void {
  const figure = cell.querySelector("span");
  share(figure, queue.level);
  tone(figure, name);
  const fill = cell.querySelector(".fill");
  fill?.setAttribute("width", String(118 * (queue.level ?? 0)));
  tone(fill, name);
  cell.querySelector(".target")?.setAttribute("x", String(118 * (queue.target / 100) - 1.5));
}

export function paintStates(board: Board, now: number): void {
  setText(byId("on-duty"), say(words, "on_duty", { count: board.signed_in }));
  for (const line of board.states) {
    const item = document.querySelector(`#agents [data-state="${line.state}"]`);
    const long = item?.querySelector(".long");
    if (!item || !long) continue;
    item.classList.toggle("none", line.agents === 0);
    setText(item.querySelector(".n"), String(line.agents));
    const spent = line.longest_since === null ? null : now - line.longest_since;
    setText(long.querySelector("small"), spent === null ? "" : line[language]);
    setText(long.querySelector("time"), spent === null ? "—" : duration(spent));
    tone(long, spent === null ? "" : stateTone(line.state, spent));
  }
}

/** Who has been in a state for too long stands first, then by state and time. */
export function paintPeople(board: Board, now: number): void {
  const list = byId("people");
  const sample = document.getElementById("person") as HTMLTemplateElement | null;
  if (!list || !sample) return;
  const order = board.states.map((line) => line.state);
  const weight = { breach: 0, warn: 1, "": 2 };
  const people = [...(board.agents ?? [])].sort(
    (one, other) =>
      weight[stateTone(one.state, now - one.since)] - weight[stateTone(other.state, now - other.since)] ||
      order.indexOf(one.state) - order.indexOf(other.state) ||
      one.since - other.since ||
      (one.id < other.id ? -1 : 1),
  );
  const most = Number(list.dataset["most"]);
  const shown = people.slice(0, most);
  while (list.childElementCount > shown.length) list.lastElementChild?.remove();
  while (list.childElementCount < shown.length) list.append(sample.content.cloneNode(true));
  shown.forEach((agent, index) => {
    const item = list.children[index];
    const state = item?.querySelector(".st");
    if (state && state.className !== `st ${agent.state}`) state.className = `st ${agent.state}`;
    setText(state ?? null, document.querySelector(`[data-word="${agent.state}"]`)?.textContent ?? agent.state);
    setText(item?.querySelector("b") ?? null, agent[language]);
    const time = item?.querySelector("time") ?? null;
    setText(time, duration(now - agent.since));
    tone(time, stateTone(agent.state, now - agent.since));
  });
  setText(byId("people-more"), people.length > most ? say(words, "more_rows", { count: people.length - most }) : say(words, "on_duty", { count: people.length }));
  show("no-people", people.length === 0);
}

export function paintCurves(board: Board, now: number): void {
  const key = say(words, "last_weekday", { weekday: weekday(now) });
  for (const id of ["curve", "curve-level", "curve-abandon"]) setText(byId(`${id}-past`), key);
  if (board.today && board.week_ago) {
    paintArrivals(board, now);
    drawCurve("curve", { slot: board.slot, today: board.today, past: board.week_ago, least: 4 });
  }
  const { levels, levels_week_ago: levelsPast, abandons, abandons_week_ago: abandonsPast } = board;
  if (levels && levelsPast) {
    setText(byId("curve-level-today"), say(words, "level_today", { rate: percent(board.level) }));
    drawCurve("curve-level", { slot: board.slot, today: levels, past: levelsPast, least: 1, most: 1 });
  }
  if (abandons && abandonsPast) {
    setText(byId("curve-abandon-today"), say(words, "abandon_today", { rate: percent(board.abandon) }));
    drawCurve("curve-abandon", { slot: board.slot, today: abandons, past: abandonsPast, least: 0.1, most: 1 });
  }
}

function paintArrivals(board: Board, now: number): void {
  const total = board.today_total ?? 0;
  const before = board.week_ago_until_now ?? 0;
  setText(byId("curve-today"), say(words, "calls_today", { count: count(total) }));
  const change = before ? (total / before - 1) * 100 : null;
  const key = (change ?? 0) >= 0 ? "more" : "fewer";
  const told = { percent: Math.abs(change ?? 0).toFixed(1), weekday: weekday(now) };
  setText(byId("curve-note"), change === null ? "" : say(words, key, told));
}
