// The customers' pages: the list that searches as one types, and the page whose parts are edited where they stand.
import { wakeSounds } from "./customer_sound";
import { block, dropRow, grow, send, show, vanish } from "./customer_edit";
import { csrfToken } from "./page";
import { watchPrivateFields } from "./private_fields";
import { toast } from "./site";

const filters = document.getElementById("filters") as HTMLFormElement | null;
watchPrivateFields();
let edited = false;
let asking = 0;

function put(region: Element, html: string): void {
  region.classList.remove("bare");
  edited = false;
  show(region, html);
  wakeSounds(region);
}

async function swap(link: HTMLAnchorElement, name: string): Promise<void> {
  const region = document.querySelector(`[data-region="${name}"]`);
  const url = new URL(link.href);
  url.searchParams.set("region", name);
  const html = await block(url.pathname + url.search);
  if (region && html !== null) put(region, html);
  if (region && !url.searchParams.get("edit") && name === "person") region.classList.add("bare");
}

async function showTimeline(path: string): Promise<void> {
  const region = document.querySelector('[data-region="timeline"]');
  const url = new URL(path, location.href);
  history.replaceState(null, "", url.pathname + url.search);
  url.searchParams.set("region", "timeline");
  const html = await block(url.pathname + url.search);
  if (region && html !== null) put(region, html);
}

async function older(link: HTMLAnchorElement): Promise<void> {
  const url = new URL(link.href);
  url.searchParams.set("region", "older");
  const html = await block(url.pathname + url.search);
  const foot = link.closest(".foot");
  if (html === null || !foot) return;
  foot.insertAdjacentHTML("beforebegin", html);
  foot.remove();
}

async function reveal(button: HTMLElement): Promise<void> {
  const masked = button.textContent ?? "";
  const answer = await fetch(`/customers/phones/${button.dataset["reveal"]}/show`, {
    method: "POST",
    headers: { accept: "application/json", "X-CSRF-Token": csrfToken() },
  });
  const told = (await answer.json().catch(() => ({}))) as { number?: string; message?: string };
  if (!told.number) return toast(told.message ?? "");
  button.textContent = told.number;
  window.setTimeout(() => { button.textContent = masked; }, 30_000);
}

// The list.
function rows(): HTMLAnchorElement[] {
  return [...document.querySelectorAll<HTMLAnchorElement>("table.list tbody tr td:first-child a")];
}

function walk(by: number): void {
  const links = rows();
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  links[Math.max(0, Math.min(links.length - 1, at + by))]?.focus();
}

function address(form: HTMLFormElement): string {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && value.trim()) query.set(name, value.trim());
  return query.size ? `${form.getAttribute("action")}?${query}` : (form.getAttribute("action") ?? "");
}

/** While one types, only the rows change, and the latest question wins. */
async function find(): Promise<void> {
  const path = address(filters!);
  const mine = ++asking;
  const html = await block(path);
  if (html === null || mine !== asking) return;
  document.getElementById("rows")!.innerHTML = html;
  history.replaceState(null, "", path);
}

let waiting = 0;
filters?.querySelector("[name=q]")?.addEventListener("input", (event) => {
  if ((event as InputEvent).isComposing) return;
  window.clearTimeout(waiting);
  waiting = window.setTimeout(() => void find(), 180);
});
filters?.querySelector("[name=q]")?.addEventListener("compositionend", () => void find());
filters?.addEventListener("submit", (event) => {
  event.preventDefault();
  location.assign(address(filters));
});
filters?.querySelectorAll("select").forEach((field) => field.addEventListener("change", () => location.assign(address(filters))));

// Clicks, keys and forms of both.
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const link = target?.closest<HTMLAnchorElement>("a[data-swap], a[data-timeline], a[data-older]");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (link && plain && document.querySelector("[data-region]")) {
    event.preventDefault();
    if (link.dataset["swap"] !== undefined) void swap(link, link.dataset["swap"]);
    else if (link.dataset["older"] !== undefined) void older(link);
    else void showTimeline(link.href);
    return;
  }
  const drop = target?.closest<HTMLElement>("[data-drop]");
  if (drop) {
    edited = true;
    dropRow(drop);
  }
  const shy = target?.closest<HTMLElement>("[data-reveal]");
  if (shy) void reveal(shy);
  const line = target?.closest("table.list tbody tr");
  if (line && !target?.closest("a, button, form, input") && !getSelection()?.toString()) line.querySelector<HTMLAnchorElement>("a")?.click();
});
document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLSelectElement && event.target.matches("[data-by-vehicle]")) void showTimeline(event.target.value);
});
document.addEventListener("input", (event) => {
  if (!(event.target instanceof HTMLElement) || !event.target.closest("[data-editor]")) return;
  edited = true;
  const row = event.target.closest("[data-row]");
  if (row && event.target.matches("input.input") && (event.target as HTMLInputElement).value) grow(row);
});
document.addEventListener("submit", (event) => {
  const form = event.target instanceof HTMLFormElement ? event.target : null;
  edited = false;
  // A saved name stands in the head, too: that one loads the page.
  if (!form?.closest("[data-region]") || !form.dataset["editor"] || form.dataset["editor"] === "person") return;
  event.preventDefault();
  void send(form).then((html) => { if (html !== null) put(form.closest("[data-region]")!, html); });
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
  const editor = (event.target instanceof HTMLElement ? event.target.closest("form[data-editor]") : null) as HTMLFormElement | null;
  if (event.ctrlKey && event.code === "Enter" && editor) {
    event.preventDefault();
    return editor.requestSubmit();
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "Escape" && !edited) document.querySelector<HTMLAnchorElement>("[data-close]")?.click();
  if (typing) return;
  if (event.code === "KeyJ") walk(1);
  else if (event.code === "KeyK") walk(-1);
  else if (event.key === "/") {
    event.preventDefault();
    document.querySelector<HTMLInputElement>("[role=search] [name=q]")?.focus();
  }
});
// What was typed is not lost by a slip: the browser asks.
window.addEventListener("beforeunload", (event) => { if (edited) event.preventDefault(); });
document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
vanish(document);
wakeSounds(document);
