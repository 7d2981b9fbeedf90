// The pages of leads: filters apply as they are chosen, J K X Enter in the rows, / to the search, Ctrl+Enter saves the form in hand.
const filters = document.getElementById("filters") as HTMLFormElement | null;
const several = document.getElementById("several") as HTMLFormElement | null;
const rows = [...document.querySelectorAll<HTMLTableRowElement>("#list tbody tr")];
const picks = [...document.querySelectorAll<HTMLInputElement>("#list input[name=lead]")];
const pickAll = document.getElementById("pick-all") as HTMLInputElement | null;
let chosen = -1;

function linkOf(row: HTMLTableRowElement | undefined): HTMLAnchorElement | null {
  return row?.querySelector("a[href]") ?? null;
}

function choose(index: number): void {
  rows[chosen]?.removeAttribute("aria-selected");
  chosen = Math.max(0, Math.min(rows.length - 1, index));
  rows[chosen]?.setAttribute("aria-selected", "true");
  linkOf(rows[chosen])?.focus();
  rows[chosen]?.scrollIntoView({ block: "nearest" });
}

/** Empty fields stay out of the address, so that a link a colleague gets says only what restricts. */
function submitFilters(form: HTMLFormElement): void {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value && !(name === "status" && value === "open")) query.set(name, value);
  }
  location.assign(query.size ? `${form.action}?${query}` : form.action);
}

function showChosen(): void {
  const count = picks.filter((pick) => pick.checked).length;
  const bar = document.getElementById("chosen");
  if (bar) bar.hidden = count === 0;
  const figure = document.getElementById("how-many");
  if (figure) figure.textContent = String(count);
  if (pickAll) pickAll.checked = count > 0 && count === picks.length;
}

if (filters) {
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    submitFilters(filters);
  });
  filters.querySelectorAll("select").forEach((field) => field.addEventListener("change", () => {
    filters.querySelector("input[name=stage]")?.remove();
    submitFilters(filters);
  }));
}
picks.forEach((pick) => pick.addEventListener("change", showChosen));
pickAll?.addEventListener("change", () => {
  picks.forEach((pick) => { pick.checked = pickAll.checked; });
  showChosen();
});
several?.addEventListener("reset", () => window.setTimeout(showChosen));
rows.forEach((row, index) => {
  row.addEventListener("focusin", () => {
    if (chosen !== index) {
      rows[chosen]?.removeAttribute("aria-selected");
      chosen = index;
      row.setAttribute("aria-selected", "true");
    }
  });
  row.addEventListener("click", (event) => {
    const own = event.target instanceof Element && event.target.closest("a, input, button, label");
    if (!own && !getSelection()?.toString()) linkOf(row)?.click();
  });
});
document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.isComposing) return;
  if (event.ctrlKey && event.key === "Enter") {
    const form = target instanceof HTMLElement ? target.closest<HTMLFormElement>("form[method=post]") : null;
    form?.requestSubmit();
    return;
  }
  const typing = target instanceof HTMLElement && target.matches("input:not([type=checkbox]), select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "KeyJ") choose(chosen + 1);
  else if (event.code === "KeyK") choose(chosen - 1);
  else if (event.code === "KeyX") {
    const pick = rows[chosen]?.querySelector<HTMLInputElement>("input[name=lead]");
    if (pick) pick.checked = !pick.checked;
    showChosen();
  } else if (event.key === "/" && filters) {
    event.preventDefault();
    filters.querySelector<HTMLInputElement>("[name=q]")?.focus();
  }
});
document.querySelectorAll<HTMLElement>("[data-vanish]").forEach((told) => window.setTimeout(() => told.remove(), 5000));
showChosen();
