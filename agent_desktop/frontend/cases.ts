// The list of cases: filters apply as they are chosen, J K Enter X walk through the rows, / reaches the search.
const form = document.getElementById("filters") as HTMLFormElement | null;
const rows = [...document.querySelectorAll<HTMLTableRowElement>("#list tbody tr")];
const boxes = [...document.querySelectorAll<HTMLInputElement>("#list tbody input[type=checkbox]")];
const all = document.getElementById("all") as HTMLInputElement | null;
let chosen = -1;
let anchor = -1;

const linkOf = (row: HTMLTableRowElement | undefined): HTMLAnchorElement | null => row?.querySelector("a") ?? null;

function choose(index: number): void {
  rows[chosen]?.removeAttribute("aria-selected");
  chosen = Math.max(0, Math.min(rows.length - 1, index));
  rows[chosen]?.setAttribute("aria-selected", "true");
  linkOf(rows[chosen])?.focus();
  rows[chosen]?.scrollIntoView({ block: "nearest" });
}

/** Empty fields stay out of the address, so that a link a colleague gets says only what restricts. */
function submit(changed?: string): void {
  if (!form) return;
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (changed === "kind" && (name === "sub_kind" || name === "stage")) continue;
    if (typeof value === "string" && value) query.set(name, value);
  }
  location.assign(query.size ? `/cases?${query}` : "/cases");
}

/** The bar of what to do with the chosen rows stands only while some are chosen. */
function count(): void {
  const marked = boxes.filter((box) => box.checked).length;
  const bar = document.getElementById("bulk-bar");
  if (bar) bar.hidden = marked === 0;
  const figure = document.getElementById("chosen");
  if (figure) figure.textContent = String(marked);
  if (all) {
    all.checked = marked > 0 && marked === boxes.length;
    all.indeterminate = marked > 0 && marked < boxes.length;
  }
}

function mark(index: number, on: boolean, range: boolean): void {
  const from = range && anchor >= 0 ? Math.min(anchor, index) : index;
  const to = range && anchor >= 0 ? Math.max(anchor, index) : index;
  for (let place = from; place <= to; place += 1) {
    const box = boxes[place];
    if (box) box.checked = on;
  }
  anchor = index;
  count();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
form?.querySelectorAll("select").forEach((field) => field.addEventListener("change", () => submit(field.name)));
all?.addEventListener("change", () => {
  for (const box of boxes) box.checked = all.checked;
  count();
});
document.getElementById("none")?.addEventListener("click", () => {
  for (const box of boxes) box.checked = false;
  count();
});
boxes.forEach((box, index) => box.addEventListener("click", (event) => mark(index, box.checked, event.shiftKey)));
rows.forEach((row, index) => {
  row.addEventListener("focusin", (event) => {
    if (chosen !== index && event.target instanceof HTMLAnchorElement) choose(index);
  });
  row.addEventListener("click", (event) => {
    const own = event.target instanceof HTMLElement && event.target.closest("a, input");
    const inPick = event.target instanceof HTMLElement && event.target.closest(".pick");
    if (inPick && !own) boxes[index]?.click();
    else if (!own && !getSelection()?.toString()) linkOf(row)?.click();
  });
});
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input:not([type=checkbox]), select, textarea");
  if (typing || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "KeyJ") choose(chosen + 1);
  else if (event.code === "KeyK") choose(chosen - 1);
  else if (event.code === "KeyX" && chosen >= 0) mark(chosen, !boxes[chosen]?.checked, event.shiftKey);
  else if (event.key === "/" && form) {
    event.preventDefault();
    form.querySelector<HTMLInputElement>("[name=q]")?.focus();
  }
});
count();
