// The board of one campaign: regions that the site pushes, states that tick, calls that are listened to.
import { duration, everySecond, say, ServerClock, setText } from "./page";
import { morph } from "./regions";
import { ask, attempt, words } from "./site";

interface Push {
  number: number;
  at: number;
  connected: boolean;
  regions: Record<string, string>;
}

const SILENT_SECONDS = 12; // the site speaks at least every 5 s
const clock = new ServerClock();
const body = document.body;
const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const voice = byId("voice") as HTMLAudioElement;
let heardAt = Date.now();
let cutSince: number | null = null;
let tries = 0;

function take(push: Push): void {
  heardAt = Date.now();
  cutSince = push.connected ? null : (cutSince ?? push.at);
  clock.sync(push.at);
  for (const [name, html] of Object.entries(push.regions)) morph(byId(name), html);
  body.dataset["number"] = String(push.number);
  body.classList.add("live");
  tick(clock.now());
}

function follow(): void {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/campaigns/${body.dataset["campaign"]}/live`);
  socket.onmessage = (message: MessageEvent<string>) => {
    tries = 0;
    take(JSON.parse(message.data) as Push);
  };
  socket.onclose = () => {
    tries += 1;
    window.setTimeout(follow, Math.min(10_000, 250 * 2 ** tries));
  };
}

/** How long each agent is in the state; and since when nothing was heard: figures stay and turn grey, never 0. */
function tick(now: number): void {
  for (const timer of document.querySelectorAll<HTMLElement>("#team [role=timer]")) {
    setText(timer, duration(now - Number(timer.dataset["since"])));
  }
  const silent = Date.now() - heardAt > SILENT_SECONDS * 1000;
  const since = cutSince ?? (silent ? now - (Date.now() - heardAt) / 1000 : null);
  const cut = byId("cut");
  cut.hidden = since === null;
  body.classList.toggle("stale", since !== null);
  if (since !== null) setText(cut, say(words, "cut", { time: duration(now - since) }));
}

async function play(button: HTMLElement): Promise<void> {
  if (voice.dataset["of"] === button.dataset["play"] && !voice.paused) return voice.pause();
  const told = await ask<{ url: string }>("POST", `/recordings/${button.dataset["play"]}/listen`);
  voice.dataset["of"] = button.dataset["play"];
  voice.src = told.url;
  voice.hidden = false;
  voice.controls = true;
  await voice.play();
}

function closeMenus(except: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest<HTMLElement>("[data-play]");
  if (button) void attempt(() => play(button));
  closeMenus(target?.closest("[data-close]") ? null : (target?.closest("details.menu") ?? null));
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.code !== "Escape") return;
  const open = document.querySelector<HTMLDetailsElement>("details.menu[open]");
  closeMenus(null);
  open?.querySelector("summary")?.focus();
});
/** Return in a field of the head does what stands beside it, not the first act of the form. */
document.addEventListener("keydown", (event) => {
  const field = event.target instanceof HTMLInputElement && event.target.getAttribute("form") === "act" ? event.target : null;
  if (!field || event.code !== "Enter" || event.isComposing) return;
  event.preventDefault();
  (field.closest("label")?.parentElement?.querySelector(`[formaction$="${field.name === "why" ? "/end" : "/sample"}"]`) as HTMLElement | null)?.click();
});
everySecond(clock, tick);
follow();
