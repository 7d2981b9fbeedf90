// The wall: figures from one WebSocket, durations that tick from the server's instants, never a 0 while blind.
import { drawCurve } from "./board_curve";
import { type Board, type QueueLine, type Tone, abandonTone, levelTone, stateTone, waitTone } from "./board_model";
import { WAIT_BREACH } from "./board_model";
import { ServerClock, duration, everySecond, pageWords, say, setText } from "./page";

const words = pageWords();
const language = document.documentElement.lang === "en" ? "en" : "zh-CN";
const zone = document.getElementById("board-data")?.dataset["zone"] ?? "Asia/Shanghai";
const byId = (id: string) => document.getElementById(id) as HTMLElement;
const clock = new ServerClock();
const PAGE_ROWS = 6;
const SILENT_SECONDS = 12; // the server speaks at least every 5 s
const first = JSON.parse(byId("board-data").textContent ?? "null") as Board | null;
let board = first as Board; // null only until the first message, while the platform starts
let heardAt = 0;
let cutSince: number | null = null;
let shownPage = 0;

function tone(element: Element, name: Tone): void {
  element.classList.toggle("warn", name === "warn");
  element.classList.toggle("breach", name === "breach");
}

/** A share as 79.3 and a smaller sign; a dash when nothing was measured. */
function share(element: Element, value: number | null): void {
  const text = value === null ? "—" : (value * 100).toFixed(1);
  if (element.firstChild?.textContent === text) return;
  const sign = document.createElement("i");
  sign.className = "sign";
  sign.textContent = "%";
  element.replaceChildren(text, ...(value === null ? [] : [sign]));
}

function flag(id: string, text: string, name: Tone): void {
  const element = byId(id);
  element.hidden = name === "";
  element.classList.toggle("w", name === "warn");
  setText(element, text);
}

function dated(now: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(language, { timeZone: zone, ...options }).format(new Date(now * 1000));
}

function weekday(now: number): string {
  return dated(now, { weekday: "short" });
}

function queueName(id: string): string {
  return board.queues.find((queue) => queue.id === id)?.[language] ?? "";
}

function paintHeroes(now: number): void {
  const waited = board.longest_since === null ? null : now - board.longest_since;
  setText(byId("waiting"), String(board.waiting));
  setText(byId("waiting-note"), say(words, "free", { count: board.free }));
  setText(byId("longest"), waited === null ? "—" : duration(waited));
  byId("longest").classList.toggle("longer", (waited ?? 0) >= 3600);
  tone(byId("longest"), waited === null ? "" : waitTone(waited));
  flag("longest-flag", say(words, "longer_than", { seconds: WAIT_BREACH }), (waited ?? 0) > WAIT_BREACH ? "breach" : "");
  setText(byId("longest-note"), waited === null ? (words["nobody"] ?? "") : queueName(board.longest_queue));
  paintLevel(now);
  share(byId("abandon"), board.abandon);
  const abandoned = abandonTone(board.abandon);
  tone(byId("abandon"), abandoned);
  flag("abandon-flag", say(words, "above", { percent: abandoned === "breach" ? 10 : 5 }), abandoned);
  setText(byId("abandon-note"), say(words, "abandoned_of", { abandoned: board.abandoned, offered: board.offered.toLocaleString("en") }));
}

function paintLevel(now: number): void {
  const level = levelTone(board.level, board.target);
  share(byId("level"), board.level);
  tone(byId("level"), level);
  flag("level-flag", say(words, "below", { percent: board.target ?? "" }), level);
  const past = board.level_week_ago;
  const rate = past === null ? "" : `${(past * 100).toFixed(1)}%`;
  setText(byId("level-note"), say(words, past === null ? "today_only" : "past_level", { weekday: weekday(now), rate }));
}

function paintQueue(row: HTMLTableRowElement, queue: QueueLine | undefined, now: number): void {
  row.hidden = !queue;
  const [name, waiting, longest, offered, answered, abandon, level] = [...row.cells];
  if (!queue || !name || !waiting || !longest || !offered || !answered || !abandon || !level) return;
  const waited = queue.longest_since === null ? null : now - queue.longest_since;
  setText(name, queue[language]);
  setText(waiting, String(queue.waiting));
  waiting.classList.toggle("zero", queue.waiting === 0);
  setText(longest, waited === null ? "—" : duration(waited));
  longest.classList.toggle("zero", waited === null);
  tone(longest, waited === null ? "" : waitTone(waited));
  setText(offered, queue.offered.toLocaleString("en"));
  setText(answered, queue.answered.toLocaleString("en"));
  share(abandon, queue.abandon);
  tone(abandon, abandonTone(queue.abandon));
  paintMeter(level, queue);
}

function paintMeter(cell: HTMLElement, queue: QueueLine): void {
  const name = levelTone(queue.level, queue.target);
  const figure = cell.querySelector("span");
  if (figure) {
    share(figure, queue.level);
    tone(figure, name);
  }
  const fill = cell.querySelector(".fill");
  fill?.setAttribute("width", String(118 * (queue.level ?? 0)));
  if (fill) tone(fill, name);
  cell.querySelector(".target")?.setAttribute("x", String(118 * (queue.target / 100) - 1.5));
}

function paintAgents(now: number): void {
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

function paintClosure(): void {
  const line = byId("closure");
  line.hidden = !board.closure;
  setText(line, board.closure ? say(words, "closed", { reason: board.closure }) : "");
}

function paintDay(now: number): void {
  const { figures } = board;
  setText(byId("today"), say(words, "calls_today", { count: board.today_total.toLocaleString("en") }));
  const before = board.week_ago_until_now;
  const change = before ? (board.today_total / before - 1) * 100 : null;
  const key = (change ?? 0) >= 0 ? "more" : "fewer";
  const percent = Math.abs(change ?? 0).toFixed(1);
  setText(byId("today-note"), change === null ? "" : say(words, key, { percent, weekday: weekday(now) }));
  setText(byId("past-key"), say(words, "last_weekday", { weekday: weekday(now) }));
  setText(byId("asa"), figures.asa === null ? "—" : duration(figures.asa));
  setText(byId("aht"), figures.aht === null ? "—" : duration(figures.aht));
  withNote(byId("menu-only"), String(figures.menu_only), `/ ${figures.contacts.toLocaleString("en")}`, "");
  const late = figures.overdue_cases;
  withNote(byId("open-cases"), figures.open_cases.toLocaleString("en"), late ? say(words, "overdue", { count: late }) : "", "breach");
  paintMessages(now);
  drawCurve(board, now);
}

function paintMessages(now: number): void {
  const { messages, overdue_messages: late, oldest_message: oldest } = board.figures;
  setText(byId("messages"), messages.toLocaleString("en"));
  setText(byId("messages-oldest"), oldest === null ? "" : say(words, "oldest", { time: duration(now - oldest) }));
  setText(byId("messages-late"), late ? say(words, "overdue", { count: late }) : "");
}

function withNote(element: Element, figure: string, note: string, name: string): void {
  if (element.textContent === figure + note) return;
  const small = document.createElement("i");
  small.className = name;
  small.textContent = note;
  element.replaceChildren(figure, ...(note ? [small] : []));
}

function paintPages(): void {
  const count = Math.max(1, Math.ceil(board.queues.length / PAGE_ROWS));
  shownPage %= count;
  const pages = byId("pages");
  if (pages.childElementCount !== (count > 1 ? count : 0)) {
    pages.replaceChildren(...Array.from({ length: count > 1 ? count : 0 }, () => document.createElement("i")));
  }
  [...pages.children].forEach((mark, index) => mark.classList.toggle("on", index === shownPage));
  pages.setAttribute("aria-label", say(words, "page_of", { page: shownPage + 1, pages: count }));
}

function paintFeed(now: number): void {
  if (cutSince === null && heardAt && Date.now() / 1000 - heardAt > SILENT_SECONDS) cutSince = now - SILENT_SECONDS;
  const blindSince = cutSince ?? board.stale_since;
  byId("content").classList.toggle("blind", blindSince !== null);
  setText(byId("feed"), blindSince === null ? (words["live"] ?? "") : say(words, "cut", { time: duration(now - blindSince) }));
  setText(byId("clock"), dated(now, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
  setText(byId("day"), longDay(now));
}

function longDay(now: number): string {
  const month = dated(now, { month: language === "en" ? "short" : "numeric" }).replace("月", " 月");
  const day = dated(now, { day: "numeric" }).replace("日", " 日");
  return language === "en" ? `${weekday(now)} ${day} ${month}` : `${month} ${day} ${weekday(now)}`;
}

/** While blind the figures stand still: a wait that we cannot see must not grow by itself. */
function paint(now: number): void {
  if (!board) return;
  paintFeed(now);
  const blindSince = cutSince ?? board.stale_since;
  const shown = blindSince ?? now;
  paintPages();
  paintHeroes(shown);
  const rows = byId("queues").querySelectorAll("tr");
  rows.forEach((row, index) => paintQueue(row, board.queues[shownPage * PAGE_ROWS + index], shown));
  paintAgents(shown);
  paintDay(shown);
  paintClosure();
}

function take(message: string): void {
  const told = JSON.parse(message) as Board | null;
  if (!told) return;
  board = told;
  heardAt = Date.now() / 1000;
  cutSince = null;
  clock.sync(board.at);
  paint(clock.now());
  byId("content").dataset["feed"] = String(board.number);
}

function follow(retry = 500): void {
  const address = new URL(document.body.dataset["live"] ?? "/wallboard/live", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  socket.addEventListener("message", (event) => {
    retry = 500;
    take(String(event.data));
  });
  socket.addEventListener("close", () => {
    cutSince ??= clock.now();
    paint(clock.now());
    window.setTimeout(() => follow(Math.min(retry * 2, 8000)), retry * (0.75 + Math.random() / 2));
  });
}

if (first) clock.sync(first.at);
everySecond(clock, paint);
const rotate = Number(document.body.dataset["rotate"]);
if (rotate > 0) {
  window.setInterval(() => {
    shownPage += 1;
    paint(clock.now());
  }, rotate * 1000);
}
follow();
