// The lists of calls and of recordings: filters apply as they are chosen, J K Enter walk through the rows, / reaches the search.
const form = document.getElementById("filters") as HTMLFormElement;
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

/** Empty fields stay out of the address, so that a link a colleague gets says only what restricts. */
function submit(): void {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && value) query.set(name, value);
  const list = form.getAttribute("action") ?? "/contacts";
  location.assign(query.size ? `${list}?${query}` : list);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
form.querySelectorAll("select, input[type=date], input[type=checkbox]").forEach((field) => field.addEventListener("change", submit));
rows.forEach((row, index) => {
  row.addEventListener("focusin", () => {
    if (chosen !== index) choose(index);
  });
  row.addEventListener("click", (event) => {
    if (!(event.target instanceof HTMLAnchorElement) && !getSelection()?.toString()) linkOf(row)?.click();
  });
});
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
  if (typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "KeyJ") choose(chosen + 1);
  else if (event.code === "KeyK") choose(chosen - 1);
  else if (event.key === "/") {
    event.preventDefault();
    form.querySelector<HTMLInputElement>("[name=q]")?.focus();
  }
});
