// Every administration page: walking the rows, saving by key, rows of steps, what is asked in place.
const editor = document.querySelector<HTMLFormElement>("[data-editor]");
const links = [...document.querySelectorAll<HTMLAnchorElement>("table.rows tbody tr td:first-child a")];
let edited = false;

function typing(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.matches("input:not([type=checkbox]), select, textarea");
}

function walk(by: number): void {
  const at = links.findIndex((link) => link === document.activeElement);
  const from = at < 0 ? links.findIndex((link) => link.hasAttribute("aria-current")) : at;
  links[Math.max(0, Math.min(links.length - 1, from + by))]?.focus();
}

/** The last row of a table of steps is empty: writing into it makes the next one. */
function grow(table: HTMLTableElement): void {
  const rows = [...table.tBodies[0]!.rows];
  const last = rows.at(-1)!;
  const filled = [...last.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")].some((one) => one.value);
  if (!filled || rows.length > 8) return;
  const next = last.cloneNode(true) as HTMLTableRowElement;
  next.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select").forEach((one) => { one.value = ""; });
  table.tBodies[0]!.append(next);
}

function shrink(button: HTMLElement): void {
  const row = button.closest("tr")!;
  const next = row.nextElementSibling?.querySelector<HTMLElement>("input, select");
  row.remove();
  edited = true;
  next?.focus();
}

function reveal(id: string, visible: boolean): void {
  const target = document.getElementById(id);
  if (!target) return;
  target.hidden = !visible;
  if (visible) {
    target.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea, button")?.focus();
    target.scrollIntoView({ block: "nearest" });
  }
}

document.querySelectorAll<HTMLTableElement>("[data-steps]").forEach((table) => {
  table.addEventListener("input", () => grow(table));
});
document.addEventListener("input", (event) => {
  if (editor && event.target instanceof Node && editor.contains(event.target)) edited = true;
});
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest<HTMLElement>("[data-drop], [data-reveal], [data-hide]");
  if (button?.hasAttribute("data-drop")) shrink(button);
  else if (button?.dataset.reveal) reveal(button.dataset.reveal, true);
  else if (button?.dataset.hide) reveal(button.dataset.hide, false);
  else if (target?.closest("table.rows tbody tr") && !target.closest("a, button, form, input") && !getSelection()?.toString()) {
    target.closest("tr")!.querySelector("a")?.click();
  }
});
document.addEventListener("submit", () => { edited = false; });
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.code === "Enter" && event.ctrlKey && editor) {
    event.preventDefault();
    editor.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "Escape" && !edited) document.querySelector<HTMLAnchorElement>("[data-close]")?.click();
  if (typing(event)) return;
  if (event.code === "KeyJ") walk(1);
  else if (event.code === "KeyK") walk(-1);
});
// What was typed is not lost by a slip: the browser asks.
window.addEventListener("beforeunload", (event) => { if (edited) event.preventDefault(); });
document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
const told = document.querySelector<HTMLElement>("[data-vanish]");
if (told) {
  window.setTimeout(() => told.remove(), 8000);
  history.replaceState(null, "", location.pathname + location.search.replace(/[?&]saved=\d+/, "").replace(/^&/, "?"));
}
