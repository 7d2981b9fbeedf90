// The floor: what the site pushes, drawn without moving the row under the mouse; the chosen agent; a leader's acts.
import { FloorPhone, type Me } from "./floor_phone";
import { FloorText } from "./floor_text";
import { announce, duration, everySecond, say, ServerClock, setText } from "./page";
import { morph } from "./regions";
import { ask, attempt, Refusal, words } from "./site";

interface Push {
  number: number;
  at: number;
  connected: boolean;
  regions: Record<string, string>;
  me: Me;
}

const SILENT_SECONDS = 12; // the site speaks at least every 5 s
const HELD_MS = 4000; // a table under the mouse keeps its order at most so long
const body = document.body;
const clock = new ServerClock();
const phone = new FloorPhone(document.getElementById("voice") as HTMLAudioElement);
const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const text = new FloorText();
const asked = new Set<string>(); // whisper and barge ask once
let me: Me | null = null;
let heardAt = Date.now();
let cutSince: number | null = null;
let held: Record<string, string> = {};
let heldSince = 0;
let panelFor = "";

// ---- what is pushed

function take(push: Push): void {
  heardAt = Date.now();
  cutSince = push.connected ? null : (cutSince ?? push.at);
  clock.sync(push.at);
  for (const [name, html] of Object.entries(push.regions)) draw(name, html);
  if (JSON.stringify(push.me) !== JSON.stringify(me) || panelFor !== rowText()) void drawPanel();
  me = push.me;
  phone.seen(push.me);
  showOwnCall(push.me);
  body.classList.add("live");
  body.dataset["number"] = String(push.number);
  sync();
}

/** A table keeps its order while the mouse is over its rows; what is held back follows when it leaves. */
function draw(name: string, html: string): void {
  const region = byId(name);
  if (region.querySelector("tbody tr:hover, details[open]:not(.fig)") && !sameRows(region, html)) {
    held[name] = html;
    heldSince ||= Date.now();
    return;
  }
  delete held[name];
  morph(region, html);
}

function sameRows(region: HTMLElement, html: string): boolean {
  const next = document.createElement("template");
  next.innerHTML = html;
  const ids = (rows: NodeListOf<Element>) => [...rows].map((row) => row.id).join();
  return ids(region.querySelectorAll("tbody tr")) === ids(next.content.querySelectorAll("tbody tr"));
}

function release(): void {
  const late = Date.now() - heldSince > HELD_MS;
  for (const [name, html] of Object.entries(held)) {
    const region = byId(name);
    const inUse = region.querySelector("details[open]:not(.fig)") !== null;
    if (inUse || (!late && region.querySelector("tbody tr:hover"))) continue;
    delete held[name];
    morph(region, html);
  }
  if (!Object.keys(held).length) heldSince = 0;
  sync();
}

/** Selection, filter and "you" follow from the page's state, whoever drew the rows last. */
function sync(): void {
  const chosen = body.dataset["agent"] ?? "";
  const rows = [...document.querySelectorAll<HTMLElement>(".as tbody tr")];
  for (const row of rows) {
    const selected = row.dataset["agent"] === chosen;
    row.setAttribute("aria-selected", String(selected));
    row.tabIndex = selected || (!chosen && row === rows[0]) ? 0 : -1;
  }
  for (const button of document.querySelectorAll<HTMLElement>("[data-do=filter]")) {
    button.setAttribute("aria-pressed", String(button.dataset["filter"] === (body.dataset["filter"] ?? "")));
  }
  for (const tag of document.querySelectorAll<HTMLElement>(".watch")) tag.classList.toggle("own", tag.dataset["by"] === body.dataset["me"]);
  tick(clock.now());
}

function tick(now: number): void {
  const blindSince = cutSince ?? (Date.now() - heardAt > SILENT_SECONDS * 1000 ? now - (Date.now() - heardAt) / 1000 : null);
  body.classList.toggle("blind", blindSince !== null);
  setText(byId("feed-word"), blindSince === null ? say(words, "live") : say(words, "cut", { time: duration(now - blindSince) }));
  const shown = blindSince ?? now;
  for (const timer of document.querySelectorAll<HTMLElement>("[role=timer]")) {
    const own = timer.closest(".mycall, .now") !== null;
    setText(timer, duration((own ? now : shown) - Number(timer.dataset["since"])));
  }
}

function showOwnCall(own: Me): void {
  const bar = byId("mycall");
  bar.hidden = own.phase === "";
  bar.dataset["phase"] = own.phase;
  const ringing = own.phase === "ringing";
  const browser = body.dataset["phone"] === "ok";
  setText(byId("mycall-word"), say(words, ringing ? "own_ringing" : "own_call"));
  byId("mycall-time").dataset["since"] = String(own.call_since);
  byId("mycall-answer").hidden = byId("mycall-decline").hidden = !ringing || !browser;
  byId("mycall-end").hidden = ringing;
}

function follow(retry = 500): void {
  const address = new URL("/floor/live", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  address.searchParams.set("team", body.dataset["team"] ?? "");
  const socket = new WebSocket(address);
  socket.addEventListener("message", (event) => {
    retry = 500;
    take(JSON.parse(String(event.data)) as Push);
  });
  socket.addEventListener("close", () => {
    cutSince ??= clock.now();
    window.setTimeout(() => follow(Math.min(retry * 2, 8000)), retry * (0.75 + Math.random() / 2));
  });
}

// ---- the chosen agent

const rowOf = (agent: string) => document.getElementById(`r-${agent}`);

function rowText(): string {
  const agent = body.dataset["agent"] ?? "";
  const row = agent ? rowOf(agent) : null;
  return row ? agent + row.innerHTML.replace(/>[0-9:]+</g, "><") : agent;
}

function readAlong(): void {
  const agent = body.dataset["agent"] ?? "";
  text.drawn(agent, me !== null && me.connected && me.agent === agent);
}

let drawing = 0;

async function drawPanel(): Promise<void> {
  const agent = body.dataset["agent"] ?? "";
  panelFor = rowText();
  const turn = (drawing += 1);
  if (!agent) return;
  try {
    const answer = await fetch(`/floor/agents/${encodeURIComponent(agent)}`, { headers: { "HX-Request": "true" }, cache: "no-store" });
    const html = await answer.text();
    if (turn !== drawing || !answer.ok) return;
    const panel = byId("insp");
    const open = panel.querySelector<HTMLElement>(".ask:not([hidden])")?.dataset["for"] ?? "";
    const writing = panel.querySelector<HTMLElement>("#write-one:not([hidden])") !== null;
    morph(panel, html);
    if (open) showAsk(open);
    const form = panel.querySelector<HTMLElement>("#write-one");
    if (writing && form) form.hidden = false;
    readAlong();
    tick(clock.now());
  } catch {
    return; // the page says already that it is cut off
  }
}

function choose(agent: string, focus = false): void {
  body.dataset["agent"] = agent;
  keepAddress();
  sync();
  void drawPanel();
  if (focus) rowOf(agent)?.focus();
}

function keepAddress(): void {
  const address = new URL(location.href);
  for (const [name, value] of [["agent", body.dataset["agent"]], ["filter", body.dataset["filter"]]] as const) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
}

function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>(".as tbody tr")].filter((row) => row.offsetParent !== null);
  const here = rows.findIndex((row) => row.dataset["agent"] === body.dataset["agent"]);
  const next = rows[Math.min(rows.length - 1, Math.max(0, here + by))];
  if (next) choose(next.dataset["agent"] ?? "", true);
}

// ---- acts

const post = (path: string, entries: object = {}) => attempt(() => ask("POST", `/api/floor/${path}`, entries));

const place = ({ dataset: { do: act = "", ...told } }: HTMLElement) => post(act, told);

function showAsk(word: string): void {
  for (const box of document.querySelectorAll<HTMLElement>(".insp .ask")) box.hidden = box.dataset["for"] !== word;
  document.querySelector<HTMLElement>(`.insp .ask[data-for="${word}"] button`)?.focus();
}

function setMode(mode: string): void {
  const button = document.querySelector<HTMLButtonElement>(`.modes [data-mode="${mode}"]`);
  if (!button || button.disabled || button.getAttribute("aria-checked") === "true") return;
  if (mode === "listen" || (mode !== "take" && asked.has(mode))) void supervise(mode);
  else showAsk(mode);
}

async function supervise(mode: string): Promise<void> {
  showAsk("");
  asked.add(mode);
  const agent = body.dataset["agent"] ?? "";
  if (mode === "take") await post("take-over", { agent });
  else await post("supervise", { agent, mode });
}

async function send(form: HTMLFormElement, agents: string[], teams: string[]): Promise<void> {
  const field = form.elements.namedItem("text") as HTMLTextAreaElement;
  const error = form.querySelector(".field-error");
  setText(error, "");
  try {
    await ask("POST", "/api/floor/message", { text: field.value, agents, teams });
  } catch (refused) {
    setText(error, refused instanceof Refusal ? refused.message : String(refused));
    field.focus();
    return;
  }
  field.value = "";
  form.hidden = true;
  announce(say(words, "message_sent"));
}

function write(id: string): void {
  const form = byId(id);
  form.hidden = !form.hidden;
  document.querySelector(`[aria-controls="${id}"]`)?.setAttribute("aria-expanded", String(!form.hidden));
  form.querySelector<HTMLElement>("textarea")?.focus();
}

function closeAll(): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[open]")) menu.open = false;
  byId("write-all").hidden = true;
  showAsk("");
}

const actions: Record<string, (element: HTMLElement) => unknown> = {
  filter: (element) => {
    body.dataset["filter"] = element.dataset["filter"] ?? "";
    keepAddress();
    sync();
  },
  mode: (element) => setMode(element.dataset["mode"] ?? ""),
  "mode-yes": (element) => supervise(element.dataset["mode"] ?? ""),
  "mode-no": () => showAsk(""),
  read: () => text.toggle(body.dataset["agent"] ?? ""),
  stop: () => post("stop"),
  force: (element) => {
    showAsk("");
    return post("force", { agent: body.dataset["agent"], state: element.dataset["state"], reason: element.dataset["reason"] ?? "" });
  },
  "sign-out-ask": () => showAsk("offline"),
  ...{ promote: place, move: place, assign: place, "call-now": place, "call-off": place },
  intake: (element) => post("intake", { queue: element.dataset["queue"], is_open: element.getAttribute("aria-checked") !== "true" }),
  staff: async (element) => {
    const serves = element.getAttribute("aria-checked") !== "true";
    await post("staff", { agent: body.dataset["agent"], queue: element.dataset["queue"], serves });
    choose(body.dataset["agent"] ?? "");
  },
  choose: (element) => choose(element.dataset["agent"] ?? ""),
  write: () => write("write-one"),
  "write-all": () => write("write-all"),
  close: closeAll,
  answer: () => phone.answer(),
  decline: () => phone.decline(),
  "hang-up": () => { if (!phone.hangUp()) void attempt(() => ask("POST", "/api/call/hang-up")); },
};

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const element = target?.closest<HTMLElement>("[data-do]");
  if (element) {
    void actions[element.dataset["do"] ?? ""]?.(element);
    element.closest<HTMLDetailsElement>("details.menu")?.removeAttribute("open");
    return;
  }
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[open]")) if (!menu.contains(target)) menu.open = false;
  const row = target?.closest<HTMLElement>(".as tbody tr");
  if (row) choose(row.dataset["agent"] ?? "");
});
document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement)) return;
  const form = event.target;
  if (form.id !== "write-one" && form.id !== "write-all") return;
  event.preventDefault();
  const boxes = [...form.querySelectorAll<HTMLInputElement>("input[name=team]")];
  const teams = boxes.length ? boxes.filter((box) => box.checked).map((box) => box.value) : (body.dataset["teams"] ?? "").split(" ").filter(Boolean);
  void send(form, form.id === "write-one" ? [form.dataset["agents"] ?? ""] : [], form.id === "write-all" ? teams : []);
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.code === "F2" && me?.phase === "ringing") phone.answer();
  else if (event.code === "Escape") closeAll();
  else if (event.target instanceof HTMLElement && event.target.matches("input, textarea, select")) return;
  else if (event.code === "KeyJ") step(1);
  else if (event.code === "KeyK") step(-1);
  else if (event.code === "Enter" && event.target instanceof HTMLElement && event.target.matches(".as tr")) choose(event.target.dataset["agent"] ?? "");
  else if (event.code === "KeyL") setMode("listen");
  else if (event.code === "KeyW") setMode("whisper");
  else if (event.code === "KeyB") setMode("barge");
  else if (event.code === "KeyR") text.toggle(body.dataset["agent"] ?? "");
  else return;
  event.preventDefault();
});
for (const leave of ["pointerleave", "pointermove"] as const) byId("grid").addEventListener(leave, () => { if (heldSince) release(); });

everySecond(clock, (now) => {
  if (heldSince) release();
  tick(now);
});
sync();
panelFor = rowText();
follow();
void phone.start();
