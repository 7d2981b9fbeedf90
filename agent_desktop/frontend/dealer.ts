// The dealer portal, better with a script: pages change in place, rows are walked by key, search as you type, calls are heard.
import morphdom from "morphdom";
import { announce, csrfToken } from "./page";

document.documentElement.classList.add("js");
const narrow = window.matchMedia("(max-width: 860px)");
const audio = new Audio();
let edited = false;
let latest = 0;
let pause = 0;  // until what is being typed is searched

const portal = (): HTMLElement => document.querySelector<HTMLElement>("[data-portal]")!;
const rows = (): HTMLAnchorElement[] => [...document.querySelectorAll<HTMLAnchorElement>("[data-rows] a[data-open]")];
const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches("input:not([type=checkbox]):not([type=radio]), select, textarea");

/** Takes over a page that the site sent: the tabs and the body, but what somebody types in stays theirs. */
function show(html: string, address: string, push: boolean): void {
  const next = new DOMParser().parseFromString(html, "text/html");
  const body = next.querySelector("[data-portal]");
  if (!body) return void location.assign(address);
  if (push && address !== location.href) history.pushState(null, "", address);
  document.title = next.title;
  const search = document.activeElement instanceof HTMLInputElement && document.activeElement.matches("[data-search]") ? document.activeElement : null;
  morphdom(portal(), body, {
    childrenOnly: true,
    onBeforeElUpdated: (from, to) => {
      if (from === search) return false;
      if (from instanceof HTMLDetailsElement && to instanceof HTMLDetailsElement && from.id && from.id === to.id) to.open = from.open;
      return !from.isEqualNode(to) || from.matches("form, input, select, textarea");
    },
  });
  for (const part of [".nav", ".hd"]) {
    const [from, to] = [document.querySelector(part), next.querySelector(part)];
    if (from && to && !from.isEqualNode(to)) morphdom(from, to);
  }
  edited = false;
  settle();
}

/** Where somebody goes to counts more than a search that would begin now because of the last letter. */
async function go(address: string, push = true): Promise<void> {
  window.clearTimeout(pause);
  const mine = ++latest;
  const answer = await fetch(address, { headers: { accept: "text/html" } });
  const html = await answer.text();
  if (mine === latest) show(html, answer.url, push);
}

async function send(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
  const address = button instanceof HTMLButtonElement && button.hasAttribute("formaction") ? button.formAction : form.action;
  const typed = new FormData(form, button);
  const files = form.enctype === "multipart/form-data";
  const body = files ? typed : new URLSearchParams([...typed].filter((pair): pair is [string, string] => typeof pair[1] === "string"));
  const waiting = [...form.querySelectorAll<HTMLButtonElement>("button"), ...document.querySelectorAll<HTMLButtonElement>(`button[form="${form.id}"]`)];
  waiting.forEach((one) => { one.disabled = true; });
  try {
    const answer = await fetch(address, { method: "POST", headers: { accept: "text/html", "X-CSRF-Token": csrfToken() }, body });
    const html = await answer.text();
    show(html, answer.redirected ? answer.url : location.href, answer.redirected);
  } catch {
    form.submit();  // the browser says what is wrong with the network
  } finally {
    waiting.forEach((one) => { one.disabled = false; });
  }
}

/** After every change: what was told vanishes, the first wrong field has the focus, a telephone shows the list first. */
function settle(): void {
  const url = new URL(location.href);
  if (url.searchParams.has("told")) {
    ["told", "undo"].forEach((name) => url.searchParams.delete(name));
    history.replaceState(null, "", url);
  }
  const told = document.querySelector<HTMLElement>("[data-vanish]");
  if (told) {
    announce(told.firstElementChild?.nextSibling?.textContent ?? "");
    window.setTimeout(() => told.remove(), 7000);
  }
  document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  const glance = narrow.matches && location.pathname === "/dealer" && !url.searchParams.has("task") && !document.querySelector("[role=alert].field-error");
  document.querySelector(".split")?.classList.toggle("glance", glance);
}

function walk(by: number): void {
  const all = rows();
  const at = all.findIndex((link) => link === document.activeElement);
  const from = at < 0 ? all.findIndex((link) => link.hasAttribute("aria-current")) : at;
  const link = all[Math.max(0, Math.min(all.length - 1, from + by))];
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
}

async function listen(button: HTMLElement): Promise<void> {
  if (!audio.paused) return audio.pause();
  const answer = await fetch(button.dataset["listen"] ?? "", { method: "POST", headers: { accept: "application/json", "X-CSRF-Token": csrfToken() } });
  const told = (await answer.json()) as { url?: string; message?: string };
  if (!told.url) return announce(told.message ?? "", "alert");
  audio.src = told.url;
  await audio.play();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const play = target?.closest<HTMLElement>("[data-listen]");
  if (play) return void listen(play);
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  const link = target?.closest<HTMLAnchorElement>("a[data-open], a[data-close], .hh .segs a, .nav a, .subnav a") ?? (target?.closest("a, button, input, select, label, form") ? null : target?.closest("tr")?.querySelector<HTMLAnchorElement>("a[data-open]"));
  if (!link || !plain || link.hasAttribute("download") || (edited && !confirmLeave())) return;
  event.preventDefault();
  void go(link.href);
});
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.method === "get" && form.matches(".filters, .pick")) {
    event.preventDefault();
    const kept = [...new FormData(form)].filter((pair): pair is [string, string] => pair[1] !== "" && typeof pair[1] === "string");
    return void go(`${form.getAttribute("action") ?? ""}?${new URLSearchParams(kept)}`);
  }
  if (!form.matches("[data-swap]")) { edited = false; return; }
  event.preventDefault();
  void send(form, event.submitter);
});
document.addEventListener("change", (event) => {
  const target = event.target as HTMLElement;
  if (target.matches("[data-submit]")) target.closest("form")?.requestSubmit();
});
document.addEventListener("input", (event) => {
  const target = event.target as HTMLElement;
  if (target.closest("[data-editor]")) edited = true;
  if (!target.matches("[data-search]")) return;
  window.clearTimeout(pause);
  pause = window.setTimeout(() => target.closest("form")?.requestSubmit(), 250);
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.code === "Enter" && event.ctrlKey) {
    event.preventDefault();
    return document.querySelector<HTMLFormElement>("[data-editor]")?.requestSubmit();
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "Escape") {
    if (typing(event.target)) return (event.target as HTMLElement).blur();
    return document.querySelector<HTMLAnchorElement>("[data-close]")?.click();
  }
  if (typing(event.target)) return;
  if (event.code === "KeyJ") walk(1);
  else if (event.code === "KeyK") walk(-1);
  else if (event.code === "Slash") {
    const search = document.querySelector<HTMLInputElement>("[data-search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
});
window.addEventListener("popstate", () => void go(location.href, false));
window.addEventListener("beforeunload", (event) => { if (edited) event.preventDefault(); });

/** Half-typed words are not lost by a click on another row. */
function confirmLeave(): boolean {
  const words = document.body.dataset["leave"] ?? "";
  return !words || window.confirm(words);
}

/** A vehicle that waits for this station is told within ten seconds, whatever page is open. */
async function askWaiting(): Promise<void> {
  const line = document.querySelector<HTMLElement>("[data-waiting]");
  if (!line || document.hidden) return;
  const answer = await fetch(line.dataset["waiting"] ?? "", { headers: { accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const html = (await answer.text()).trim();
  const [before, next] = [line.querySelectorAll("a").length, new DOMParser().parseFromString(html, "text/html").body];
  line.replaceChildren(...next.childNodes);
  const told = line.querySelector<HTMLElement>("a");
  if (told && line.querySelectorAll("a").length > before) announce(told.innerText, "alert");
}

settle();
window.setInterval(() => void askWaiting(), 10_000);
document.addEventListener("visibilitychange", () => void askWaiting());
