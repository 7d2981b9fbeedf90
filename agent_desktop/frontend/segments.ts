// Segments: walking the rows, asking before a removal, following a computation; the form has its own file.
import { startBuilder } from "./segment_builder";

const rows = [...document.querySelectorAll<HTMLTableRowElement>("#list tbody tr")];
let chosen = -1;

function linkOf(row: HTMLTableRowElement | undefined): HTMLAnchorElement | null {
  return row?.querySelector("a") ?? null;
}

function choose(index: number): void {
  rows[chosen]?.removeAttribute("aria-selected");
  chosen = Math.max(0, Math.min(rows.length - 1, index));
  rows[chosen]?.setAttribute("aria-selected", "true");
  linkOf(rows[chosen])?.focus();
  rows[chosen]?.scrollIntoView({ block: "nearest" });
}

function reveal(id: string, visible: boolean): void {
  const target = document.getElementById(id);
  if (!target) return;
  target.hidden = !visible;
  if (visible) {
    target.querySelector<HTMLElement>("button")?.focus();
    target.scrollIntoView({ block: "nearest" });
  }
}

rows.forEach((row, index) => {
  row.addEventListener("focusin", () => { if (chosen !== index) choose(index); });
  row.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target?.closest("a, button") && !getSelection()?.toString()) linkOf(row)?.click();
  });
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-reveal], [data-hide]") : null;
  if (button?.dataset.reveal) reveal(button.dataset.reveal, true);
  else if (button?.dataset.hide) reveal(button.dataset.hide, false);
});
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
  if (typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !rows.length) return;
  if (event.code === "KeyJ") choose(chosen + 1);
  else if (event.code === "KeyK") choose(chosen - 1);
});
const vanishing = document.querySelector<HTMLElement>("[data-vanish]");
if (vanishing) {
  window.setTimeout(() => vanishing.remove(), 8000);
  history.replaceState(null, "", location.pathname);
}

/** While everybody is computed, the bar tells how far it is; the figures come anew when it is done. */
async function follow(): Promise<void> {
  const tag = document.querySelector("[data-running]");
  if (!tag) return;
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer?.ok) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-running]");
    if (!fresh) return location.reload();
    tag.textContent = fresh.textContent;
  }
  window.setTimeout(() => void follow(), 3000);
}
if (document.querySelector("[data-running]")) window.setTimeout(() => void follow(), 3000);

const form = document.getElementById("builder");
if (form instanceof HTMLFormElement) startBuilder(form);
document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
