// A report: rows are walked by keyboard, a row or a figure opens the panel at the side, the address says what is open.
import { announce, pageWords, say } from "./page";
import { type ChartData, drawChart } from "./report_chart";

const words = pageWords();
const report = document.getElementById("report");
const panel = document.getElementById("panel");
const table = document.querySelector<HTMLTableElement>("#table");
const opens = table !== null && !("plain" in table.dataset);
const rows = [...(table?.querySelectorAll<HTMLTableRowElement>("tbody tr, tfoot tr") ?? [])];
const figures = [...(table?.querySelectorAll<HTMLTableCellElement>("thead th") ?? [])].map((head) => head.dataset["of"] ?? "");
let mark: (key: string) => void = () => undefined;
let asked = 0;
let here = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");

function select(key: string): void {
  rows.forEach((row, place) => {
    if (row.dataset["key"] === key) {
      row.setAttribute("aria-selected", "true");
      here = place;
    } else row.removeAttribute("aria-selected");
  });
  mark(key);
}

/** The panel's content from the server; of two that were asked for, the later is shown. */
async function open(key: string, of: string): Promise<void> {
  if (!report || !panel) return;
  const address = `${report.dataset["base"]}${encodeURIComponent(key)}${of ? `&of=${of}` : ""}`;
  const turn = ++asked;
  select(key);
  panel.hidden = false;
  report.classList.add("opened");
  panel.setAttribute("aria-busy", "true");
  history.replaceState(null, "", address);
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (turn !== asked) return;
  if (!answer?.ok) {
    location.assign(address); // the whole page tells what is wrong
    return;
  }
  panel.innerHTML = await answer.text();
  panel.removeAttribute("aria-busy");
  announce(panel.querySelector("h2")?.textContent ?? "");
}

function shut(): void {
  if (!report || !panel || panel.hidden) return;
  asked += 1;
  panel.hidden = true;
  panel.replaceChildren();
  report.classList.remove("opened");
  history.replaceState(null, "", report.dataset["shut"]);
  rows[here]?.querySelector("a")?.focus();
  select("");
}

function follow(row: HTMLTableRowElement, of: string): void {
  if (opens) void open(row.dataset["key"] ?? "", of);
  else row.querySelector("a")?.click();
}

function walk(to: number): void {
  here = Math.max(0, Math.min(rows.length - 1, to));
  rows[here]?.querySelector("a")?.focus();
  rows[here]?.scrollIntoView({ block: "nearest" });
}

rows.forEach((row, place) => {
  figures.forEach((of, column) => {
    if (of && opens) row.cells[column]?.classList.add("opens");
  });
  row.addEventListener("focusin", () => {
    here = place;
  });
  row.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest("a");
    if (event.ctrlKey || event.metaKey || event.shiftKey || (link && !opens) || getSelection()?.toString()) return;
    event.preventDefault();
    const cell = target?.closest("td");
    follow(row, figures[cell?.cellIndex ?? 0] ?? "");
  });
});
document.querySelectorAll<HTMLAnchorElement>(".kp a").forEach((link) =>
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void open(link.dataset["row"] ?? "", link.dataset["of"] ?? "");
  }),
);
panel?.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("#shut")) return;
  event.preventDefault();
  shut();
});

const menus = [...document.querySelectorAll<HTMLDetailsElement>("details.menu")];
function shutMenus(but: Element | null = null): boolean {
  const open = menus.filter((menu) => menu.open && menu !== but);
  for (const menu of open) menu.open = false;
  return open.length > 0;
}
document.addEventListener("click", (event) => {
  shutMenus(event.target instanceof Element ? event.target.closest("details.menu") : null);
});
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (!shutMenus()) shut();
    return;
  }
  const inMenu = event.target instanceof Element && event.target.closest("details.menu, .d, .bar");
  if (typing || inMenu || !rows.length) return;
  if (event.key === "ArrowDown" || event.code === "KeyJ") walk(here + 1);
  else if (event.key === "ArrowUp" || event.code === "KeyK") walk(here < 0 ? 0 : here - 1);
  else return;
  event.preventDefault();
});

const copy = document.querySelector<HTMLButtonElement>("#copy-link");
copy?.addEventListener("click", async () => {
  const link = new URL(copy.dataset["link"] ?? "", location.href);
  for (const name of ["row", "of"]) {
    const value = new URLSearchParams(location.search).get(name);
    if (value) link.searchParams.set(name, value);
  }
  const done = await navigator.clipboard.writeText(link.href).then(
    () => true,
    () => false,
  );
  const toast = document.getElementById("toast");
  if (toast) toast.textContent = done ? say(words, "copied") : link.href;
  window.setTimeout(() => toast?.replaceChildren(), done ? 3000 : 20000);
});

const chart = document.getElementById("chart");
const data = document.getElementById("chart-data")?.textContent;
if (chart && data) {
  const chosen = rows[here]?.dataset["key"] ?? "";
  mark = drawChart(chart, JSON.parse(data) as ChartData, chosen, (key) => void open(key, ""));
}
