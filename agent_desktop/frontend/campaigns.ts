// Lists of campaigns: walking the rows, the search, the form of a plan that shows only what its mode needs.
export {};
const rows = [...document.querySelectorAll<HTMLTableRowElement>("#list tbody tr")];
const plan = document.querySelector<HTMLFormElement>("#plan");
let chosen = -1;
let edited = false;

const linkOf = (row: HTMLTableRowElement | undefined): HTMLAnchorElement | null => row?.querySelector("a") ?? null;

function choose(index: number): void {
  rows[chosen]?.removeAttribute("aria-selected");
  chosen = Math.max(0, Math.min(rows.length - 1, index));
  rows[chosen]?.setAttribute("aria-selected", "true");
  linkOf(rows[chosen])?.focus();
  rows[chosen]?.scrollIntoView({ block: "nearest" });
}

/** Fields that this way of calling does not have are out of sight and not sent. */
function suit(): void {
  const mode = plan?.querySelector<HTMLInputElement>("input[name=mode]:checked")?.value ?? "";
  for (const part of plan?.querySelectorAll<HTMLElement>("[data-for]") ?? []) {
    part.hidden = !(part.dataset["for"] ?? "").split(" ").includes(mode);
  }
}

rows.forEach((row, index) => {
  row.addEventListener("focusin", () => {
    if (chosen !== index) {
      rows[chosen]?.removeAttribute("aria-selected");
      chosen = index;
      row.setAttribute("aria-selected", "true");
    }
  });
  row.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target?.closest("a, button, form") && !getSelection()?.toString()) linkOf(row)?.click();
  });
});
document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLSelectElement && event.target.hasAttribute("data-submit")) event.target.form?.requestSubmit();
  if (event.target instanceof HTMLInputElement && event.target.name === "mode") suit();
  if (event.target instanceof HTMLInputElement && event.target.dataset["named"]) {
    const shown = document.getElementById(event.target.dataset["named"]);
    if (shown) shown.textContent = event.target.files?.[0]?.name ?? "";
  }
});
document.addEventListener("input", (event) => {
  if (plan && event.target instanceof Node && plan.contains(event.target)) edited = true;
});
document.addEventListener("submit", () => { edited = false; });
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-reveal]") : null;
  const panel = button ? document.getElementById(button.dataset["reveal"] ?? "") : null;
  if (!button || !panel) return;
  panel.hidden = !panel.hidden;
  button.setAttribute("aria-expanded", String(!panel.hidden));
  if (!panel.hidden) panel.querySelector<HTMLElement>("select, textarea, input:not([type=hidden])")?.focus();
});

/** While a list is filled or checked, the line tells how far it is; the page comes anew when it is done. */
async function followWork(): Promise<void> {
  const line = document.querySelector("[data-running]");
  if (!line) return;
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer?.ok) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-running]");
    if (!fresh) return location.reload();
    line.textContent = fresh.textContent;
  }
  window.setTimeout(() => void followWork(), 1500);
}
window.setTimeout(() => void followWork(), 1500);
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.code === "Enter" && event.ctrlKey && plan) {
    event.preventDefault();
    plan.requestSubmit();
    return;
  }
  const typing = event.target instanceof HTMLElement && event.target.matches("input:not([type=radio]):not([type=checkbox]), select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "Escape" && !edited) document.querySelector<HTMLAnchorElement>("[data-close]")?.click();
  else if (event.key === "/") document.getElementById("search")?.focus();
  else if (event.code === "KeyJ" && rows.length) choose(chosen + 1);
  else if (event.code === "KeyK" && rows.length) choose(chosen - 1);
  else return;
  event.preventDefault();
});
// What was typed is not lost by a slip: the browser asks.
window.addEventListener("beforeunload", (event) => { if (edited) event.preventDefault(); });
const vanishing = document.querySelector<HTMLElement>("[data-vanish]");
if (vanishing) {
  window.setTimeout(() => vanishing.remove(), 8000);
  history.replaceState(null, "", location.pathname);
}
suit();
document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
