// The wall: figures from one WebSocket, durations that tick from the server's instants, never a 0 while blind.
import { type Board, Limits, type Setup } from "./board_model";
import { paintOutreach } from "./board_outreach";
import { paintCurves, paintFigures, paintPeople, paintQueues, paintStates } from "./board_paint";
import { byId, dated, longDay, words, zone } from "./board_parts";
import { RedSound } from "./board_sound";
import { ServerClock, duration, everySecond, say, setText } from "./page";

const clock = new ServerClock();
const SILENT_SECONDS = 12; // the server speaks at least every 5 s
const LONGEST_RETRY_MS = 1200; // and a quarter: a board is right again within 2 s, however long the platform was away
const content = byId("content") as HTMLElement;
const read = (id: string): unknown => JSON.parse(byId(id)?.textContent ?? "null");
const first = read("board-data") as Board | null;
const setup = read("board-setup") as Setup;
const limits = new Limits(setup.limits);
const sound = new RedSound(setup.sounds);
const pages = [...document.querySelectorAll<HTMLElement>(".page")];
let board = first as Board; // null only until the first message, while the platform starts
let heardAt = 0;
let cutSince: number | null = null;
let step = 0;

/** What is shown one after the other: each page, and one with more queues than rows several times. */
function steps(): { page: number; queue: number }[] {
  return pages.flatMap((page, index) => {
    const rows = page.querySelectorAll("#queues tr").length;
    const times = rows ? Math.max(1, Math.ceil(board.queues.length / rows)) : 1;
    return Array.from({ length: times }, (_, time) => ({ page: index, queue: time * rows }));
  });
}

/** Shows the page whose turn it is; gives the first queue of its list. */
function paintPages(): number {
  const all = steps();
  step %= all.length;
  const shown = all[step] ?? { page: 0, queue: 0 };
  pages.forEach((page, index) => (page.hidden = index !== shown.page));
  const marks = byId("pages") as HTMLElement;
  const wanted = all.length > 1 ? all.length : 0;
  if (marks.childElementCount !== wanted) {
    marks.replaceChildren(...Array.from({ length: wanted }, () => document.createElement("i")));
  }
  [...marks.children].forEach((mark, index) => mark.classList.toggle("on", index === step));
  marks.setAttribute("aria-label", say(words, "page_of", { page: step + 1, pages: all.length }));
  return shown.queue;
}

function paintFeed(now: number): void {
  if (cutSince === null && heardAt && Date.now() / 1000 - heardAt > SILENT_SECONDS) cutSince = now - SILENT_SECONDS;
  const blindSince = cutSince ?? board.stale_since;
  content.classList.toggle("blind", blindSince !== null);
  setText(byId("feed"), blindSince === null ? (words["live"] ?? "") : say(words, "cut", { time: duration(now - blindSince) }));
  setText(byId("clock"), dated(now, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
  setText(byId("day"), longDay(now));
}

function paintTheme(now: number): void {
  if (setup.theme !== "auto") return;
  const hour = Number(new Intl.DateTimeFormat("en", { timeZone: zone, hour: "2-digit", hourCycle: "h23" }).format(now * 1000));
  const [from, until] = setup.light;
  const light = from <= until ? hour >= from && hour < until : hour >= from || hour < until;
  document.documentElement.dataset["theme"] = light ? "light" : "wall";
}

function paintClosure(): void {
  const line = byId("closure") as HTMLElement;
  line.hidden = !board.closure;
  setText(line, board.closure ? say(words, "closed", { reason: board.closure }) : "");
}

/** A part of the site that is away, while the rest of it goes on. */
function paintAway(now: number): void {
  const line = byId("away") as HTMLElement;
  const which = board.asterisks_away.join(", ");
  const since = board.records_since;
  line.hidden = !which && !board.proxy_away && since === null;
  const records = since === null ? "" : say(words, "records_away", { time: duration(now - since) });
  setText(line, board.proxy_away ? (words["proxy_away"] ?? "") : which ? say(words, "asterisk_away", { which }) : records);
}

/** While blind the figures stand still: a wait that we cannot see must not grow by itself. */
function paint(now: number): void {
  paintTheme(now);
  if (!board) return;
  paintFeed(now);
  const blindSince = cutSince ?? board.stale_since;
  const shown = blindSince ?? now;
  const queue = paintPages();
  const tones = { ...paintFigures(board, limits, shown), ...paintOutreach(board, limits, shown) };
  paintQueues(board, limits, queue, shown);
  paintStates(board, shown);
  paintPeople(board, shown);
  paintCurves(board, shown);
  paintClosure();
  paintAway(now);
  if (blindSince === null) sound.hear(tones, now);
}

function take(message: string): void {
  const told = JSON.parse(message) as Board | null;
  if (!told) return;
  if (told.revision !== setup.revision) {
    location.reload(); // somebody changed this board
    return;
  }
  board = told;
  heardAt = Date.now() / 1000;
  cutSince = null;
  clock.sync(board.at);
  paint(clock.now());
  content.dataset["feed"] = String(board.number);
}

/** After a refusal the page asks for itself: whoever may not look any longer is told so. */
async function stillMine(): Promise<void> {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected || (answer.status >= 400 && answer.status < 500)) location.reload();
  } catch {
    // the platform is away: the next try will tell
  }
}

function follow(retry = 500): void {
  const address = new URL(document.body.dataset["live"] ?? "/wallboard/live", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address);
  let opened = false;
  socket.addEventListener("open", () => (opened = true));
  socket.addEventListener("message", (event) => {
    retry = 500;
    take(String(event.data));
  });
  socket.addEventListener("close", () => {
    cutSince ??= clock.now();
    paint(clock.now());
    if (!opened) void stillMine();
    window.setTimeout(() => follow(Math.min(retry * 2, LONGEST_RETRY_MS)), retry * (0.75 + Math.random() / 2));
  });
}

if (first) clock.sync(first.at);
everySecond(clock, paint);
const rotate = Number(document.body.dataset["rotate"]);
if (rotate > 0) {
  window.setInterval(() => {
    step += 1;
    paint(clock.now());
  }, rotate * 1000);
}
byId("choose")?.addEventListener("change", (event) => {
  location.search = `?board=${(event.target as HTMLSelectElement).value}`;
});
follow();
