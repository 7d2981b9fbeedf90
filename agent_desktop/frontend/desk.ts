// The agent desktop: what the site pushes, what the person does, and the phone, brought together.
import { CustomerPanel } from "./customer_panel";
import { callActions, privacy } from "./desk_calls";
import { CampaignPanel } from "./desk_campaign";
import { CasePanel } from "./desk_case";
import { leadActions, startLeadSheet } from "./desk_lead";
import { nuisanceActions } from "./desk_nuisance";
import { DialLine, onScreen, taken } from "./desk_dial";
import { Dialpad } from "./desk_pad";
import { TransferPanel } from "./desk_transfer";
import { KnowledgePanel } from "./desk_knowledge";
import { DeskText } from "./desk_text";
import { bindKeys } from "./keys";
import { Live, type DeskState, type Picture } from "./live";
import { announce, everySecond, say, ServerClock } from "./page";
import { PhoneDesk } from "./phone_desk";
import { RecordForm } from "./record";
import { openPops } from "./desk_pops";
import { View } from "./regions";
import { watchPrivateFields } from "./private_fields";
import { ask, attempt, words } from "./site";
import { TabLock } from "./tab_lock";

const clock = new ServerClock();
const view = new View(clock);
const record = new RecordForm(clock);
const phone = new PhoneDesk();
const pad = new Dialpad((key) => phone.key(key));
const transfer = new TransferPanel(() => view.tick(clock.now()));
const line = new DialLine((dialled) => dialled.hide());
const lock = new TabLock(() => { phone.stop(); showTaken(true); });
const customers = new CustomerPanel(() => record.contact || desk?.contact || "", () => record.flush());
const campaign = new CampaignPanel();
const knowledge = new KnowledgePanel(() => record.contact || desk?.contact || "");
const text = new DeskText(() => view.sync());
new CasePanel();
startLeadSheet();
watchPrivateFields();
let desk: DeskState | null = null;
let extendedFor = "";
let toneFor = 0;

const body = document.body;
const panel = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

function onPicture(picture: Picture): void {
  if ("degraded" in picture.desk) {
    body.classList.add("degraded");
    return;
  }
  body.classList.remove("degraded");
  body.classList.toggle("away", picture.desk.telephony_away);
  body.classList.add("live");
  const before = desk;
  const now = picture.desk;
  desk = now;
  keepWhatIsWritten(before, now);
  view.apply(picture);
  text.show();
  openPops(picture.desk.contact);
  campaign.seen(now.contact, now.shown !== "ringing");
  campaign.free = !now.contact && now.state === "ready";
  void campaign.idle();
  turnToCall(before, now);
  body.dataset["call"] = now.shown;
  if (now.phase) line.hide(); // its line stands where a ringing call is answered
  if (!mayGive()) transfer.hide();
  body.dataset["extended"] = String(extendedFor !== "" && extendedFor === now.contact);
  record.restore();
  phone.seen(now);
}

/** A record that is being written stays under the pen when the next call comes or the time is up. */
function keepWhatIsWritten(before: DeskState | null, now: DeskState): void {
  if (!before?.contact || before.contact === now.contact || view.shown !== "call") return;
  if (record.contact === before.contact && record.beingWritten) {
    void record.flush();
    view.keepAsDraft(before.contact);
  }
}

function turnToCall(before: DeskState | null, now: DeskState): void {
  const fresh = now.contact !== "" && now.contact !== before?.contact;
  if (fresh && !(view.showsDraft && record.beingWritten)) view.show("call");
  if (!now.contact && view.shown === "call") view.show("work");
  const answered = now.phase === "talking" && ["ringing", "dialling", undefined].includes(before?.phase);
  const idle = document.activeElement === body || document.activeElement === null || panel("callbar").contains(document.activeElement);
  if (answered && view.shown === "call" && idle) record.focusKinds();
}

async function openView(target: string): Promise<void> {
  await record.flush();
  if (target === "work" || target === "call") {
    view.show(target);
    return text.show();
  }
  await attempt(async () => {
    const { regions } = await ask<{ regions: Record<string, string> }>("GET", `/api/desk/${encodeURIComponent(target)}`);
    view.showDraft(target, regions);
    text.show();
    record.restore();
  });
}

async function saveRecord(): Promise<void> {
  const wrapUp = desk?.state === "wrap_up" && record.contact === desk.contact;
  if (!record.form) return;
  const draft = view.showsDraft;
  if (!(await record.finish())) return;
  if (wrapUp) await attempt(() => ask("POST", "/api/state/ready"));
  else if (draft) view.show(desk?.contact ? "call" : "work");
}

async function finishAndReady(): Promise<void> {
  if (record.form && record.contact === desk?.contact) await saveRecord();
  else await attempt(() => ask("POST", "/api/state/ready"));
}

function showTaken(taken: boolean): void {
  panel("taken").hidden = !taken;
}

function openPad(keypad: boolean): void {
  closePanels();
  pad.show(keypad);
}

function openSheet(): void {
  closePanels();
  panel("sheet").hidden = false;
  panel("sheet").querySelector<HTMLElement>("button")?.focus();
}

/** Whether the present call can go elsewhere: one's own, and nobody is being asked. */
function mayGive(): boolean {
  const phase = desk?.phase ?? "";
  const nobodyAsked = ["talking", "hold"].includes(phase) || (phase === "consulting" && desk?.party === "ended");
  return nobodyAsked && desk?.part === "owner";
}

/** F9: the panel in a call; its answered consult is completed by Shift+F9. */
function openTransfer(): void {
  if (!mayGive()) return;
  const open = transfer.open;
  closePanels();
  if (!open) void transfer.show();
  void record.flush(); // a colleague who is asked reads what is written so far
}

/** The record goes along, so its last words go first. */
async function handOver(): Promise<void> {
  if (desk?.party !== "talking" || desk.part !== "owner") return;
  await record.flush().then(() => post("/api/call/hand-over"));
}

/** A number on the screen: dialled while there is no call, offered to the transfer panel while there is one. */
function dialFromScreen(element: HTMLElement): void {
  const chosen = onScreen(element);
  closePanels();
  if (!desk?.phase) return line.show(chosen);
  if (mayGive()) void transfer.showWith({ ...chosen, about: chosen.shown });
}

function closePanels(): void {
  panel("sheet").hidden = true;
  pad.hide();
  transfer.hide();
  line.hide();
  customers.closeSearch();
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) menu.open = false;
}

const post = (path: string, entries: object = {}) => attempt(() => ask("POST", path, entries));
const actions: Record<string, (element: HTMLElement) => unknown> = {
  ...callActions(() => transfer.hide()),
  ...knowledge.actions,
  ...text.actions,
  ...campaign.actions,
  ...leadActions,
  ...nuisanceActions,
  answer: () => phone.answer(),
  return: () => phone.returnToQueue(),
  "hang-up": () => phone.hangUp(),
  hold: () => phone.hold(),
  mute: () => phone.mute(),
  keypad: () => openPad(true),
  "open-dialpad": () => openPad(false),
  key: (element) => pad.press(element.dataset["key"] ?? ""),
  dial: (element) => dialFromScreen(element),
  "dial-yes": () => line.dial(),
  "dial-no": () => line.hide(),
  transfer: () => openTransfer(),
  "hand-over": () => handOver(),
  ready: () => post("/api/state/ready"),
  "read-notice": (element) => post("/api/notices/read", { number: Number(element.dataset["number"]) }),
  "take-message": (element) => post("/api/messages/take", { message: element.dataset["message"] }),
  "return-message": (element) => post("/api/messages/return", { message: element.dataset["message"] }),
  "sign-in": () => post("/api/state/sign-in"),
  break: (element) => post("/api/state/break", { reason: element.dataset["reason"] }),
  plan: (element) => post("/api/state/next", { state: element.dataset["state"], reason: element.dataset["reason"] ?? "" }),
  extend: () => post("/api/state/extend").then((done) => {
    if (!done) return;
    extendedFor = desk?.contact ?? "";
    body.dataset["extended"] = "true";
  }),
  finish: () => finishAndReady(),
  view: (element) => openView(element.dataset["view"] ?? "work"),
  assist: (element) => {
    body.dataset["assist"] = element.getAttribute("aria-controls") ?? "";
    view.sync();
  },
  "choose-customer": (element) => customers.choose(Number(element.dataset["customer"])),
  "check-headset": () => phone.checkHeadset(),
  "take-phone": () => takePhone(),
  close: () => closePanels(),
};

document.addEventListener("click", (event) => {
  const element = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-do]") : null;
  if (!element) {
    if (event.target instanceof Element && !event.target.closest("details.menu, #search, .sheet, #dial-line")) closePanels();
    return;
  }
  actions[element.dataset["do"] ?? ""]?.(element);
  element.closest<HTMLDetailsElement>("details.menu")?.removeAttribute("open");
});
document.addEventListener("change", (event) => {
  // A click on a kind leads on to the note; arrow keys only move among the kinds.
  if (event.target instanceof HTMLInputElement && event.target.name === "kind" && event.target.matches(":active, :hover")) record.focusNote();
});
document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement)) return;
  if (event.target.id === "record-form") { event.preventDefault(); void saveRecord(); }
  if (event.target.id === "dial-form") { event.preventDefault(); void pad.dial(); }
});
document.addEventListener("input", (event) => { if (event instanceof InputEvent) pad.typed(event); });

bindKeys({
  answer: () => phone.answer(),
  returnOrHangUp: () => phone.returnOrHangUp(),
  hold: () => phone.hold(),
  privacy: () => void privacy(),
  mute: () => phone.mute(),
  transfer: () => openTransfer(),
  handOver: () => void handOver(),
  kind: (index) => record.chooseKind(index),
  search: () => customers.focusSearch(),
  sheet: () => (panel("sheet").hidden ? openSheet() : closePanels()),
  save: () => void (desk?.state === "wrap_up" && !view.showsDraft ? finishAndReady() : saveRecord()),
  note: () => record.focusNote(),
  knowledge: () => knowledge.focus(),
  planBreak: () => void post("/api/state/next", { state: "break", reason: "rest" }),
  close: () => closePanels(),
});

everySecond(clock, (now) => {
  view.tick(now);
  const until = desk?.state === "wrap_up" ? desk.wrap_up_until : 0;
  if (until && until - now <= 10 && until > now && toneFor !== until) {
    toneFor = until;
    phone.ringer.soft();
    announce(say(words, "wrap_up_ends"));
  }
});

async function takePhone(): Promise<void> {
  lock.take();
  showTaken(false);
  if (body.dataset["phone"] !== "fixed") await phone.start();
}

async function begin(): Promise<void> {
  new Live(clock, onPicture, (up) => { body.classList.toggle("stale", !up); }).start();
  record.restore();
  const draft = decodeURIComponent(location.hash.slice(1));
  if (draft && draft !== "call") void openView(draft);
  if (!(await lock.claim())) showTaken(true);
  else if (body.dataset["phone"] !== "fixed") await phone.start();
  const wanted = taken();
  if (wanted && !desk?.phase) line.show(wanted);
}

void begin();
