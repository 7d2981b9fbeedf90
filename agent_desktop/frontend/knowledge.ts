// The knowledge pages: searched while typing, walked by J and K, written with a preview, never lost by a slip.
import { csrfToken } from "./page";
import { ask, attempt } from "./site";

const TYPING_MS = 140;
const SETTLED_MS = 1200;
const search = document.querySelector<HTMLFormElement>("#k-search");
const results = document.getElementById("results");
const editor = document.querySelector<HTMLFormElement>("[data-editor]");
let timer = 0;
let settled = 0;
let asked = 0;
let edited = false;

function address(): string {
  const query = new URLSearchParams();
  if (search) for (const [name, value] of new FormData(search)) if (typeof value === "string" && value.trim()) query.set(name, value.trim());
  return query.size ? `/knowledge?${query}` : "/knowledge";
}

/** The list in place; the address follows, so that a link shows a colleague the same. */
async function find(): Promise<void> {
  const turn = ++asked;
  const wanted = address();
  const answer = await fetch(wanted, { headers: { "HX-Request": "true" }, cache: "no-store" }).catch(() => null);
  if (!answer?.ok || turn !== asked || !results) return;
  results.innerHTML = await answer.text();
  history.replaceState(null, "", wanted);
}

search?.addEventListener("input", () => {
  window.clearTimeout(timer);
  window.clearTimeout(settled);
  timer = window.setTimeout(() => void find(), TYPING_MS);
  const text = String(new FormData(search).get("q") ?? "").trim();
  if (text) settled = window.setTimeout(() => void ask("POST", "/api/knowledge/searched", { words: text }).catch(() => undefined), SETTLED_MS);
});
search?.addEventListener("submit", (event) => {
  event.preventDefault();
  const first = links()[0];
  if (first && String(new FormData(search).get("q") ?? "").trim()) first.click();
  else void find();
});

function links(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("#results .k-hit, #results #list td.k-title a")];
}

function walk(by: number): void {
  const all = links();
  const at = all.indexOf(document.activeElement as HTMLAnchorElement);
  all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), select, textarea");
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.code === "Enter" && event.ctrlKey && editor) {
    event.preventDefault();
    editor.requestSubmit(document.querySelector<HTMLButtonElement>("[form=k-edit][value='0']"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "ArrowDown" && event.target instanceof Node && search?.contains(event.target)) return walk(1);
  if (typing(event.target)) return;
  if (event.code === "KeyJ" || event.code === "ArrowDown") walk(1);
  else if (event.code === "KeyK" || event.code === "ArrowUp") walk(-1);
  else if (event.key === "/") {
    event.preventDefault();
    search?.querySelector<HTMLInputElement>("[name=q]")?.focus();
  }
});

async function preview(button: HTMLElement): Promise<void> {
  const name = button.dataset["preview"] ?? "";
  const area = document.querySelector<HTMLTextAreaElement>(`textarea[name=${name}]`);
  const pane = document.getElementById(`preview-${name}`);
  if (!area || !pane) return;
  const shown = pane.hidden;
  if (shown) {
    const answer = await fetch("/knowledge/preview", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrfToken() },
      body: JSON.stringify({ text: area.value }),
    }).catch(() => null);
    if (!answer?.ok) return;
    pane.innerHTML = await answer.text();
  }
  pane.hidden = !shown;
  area.hidden = shown;
  button.setAttribute("aria-pressed", String(shown));
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest<HTMLElement>("[data-preview], [data-ask]");
  if (button?.dataset["preview"]) void preview(button);
  else if (button?.dataset["ask"]) {
    void attempt(() => ask("POST", "/api/knowledge/ask", { text: button.dataset["ask"] })).then((done) => {
      if (done) button.setAttribute("disabled", "");
    });
  }
});
document.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLInputElement) || !event.target.matches("[data-all]")) return;
  for (const box of document.querySelectorAll<HTMLInputElement>("input[name=article]")) box.checked = event.target.checked;
});
editor?.addEventListener("input", () => { edited = true; });
document.addEventListener("submit", () => { edited = false; });
window.addEventListener("beforeunload", (event) => { if (edited) event.preventDefault(); });
document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();

const opened = document.querySelector<HTMLElement>("[data-opened]");
if (opened) void ask("POST", `/api/knowledge/${opened.dataset["article"]}/opened`).catch(() => undefined);
