// The matrix of agents and skills: keys move and set, several agents at once, saved together or not at all.
import { announce, say } from "./page";
import { ask, Refusal, toast, words } from "./site";

const matrix = document.getElementById("matrix") as HTMLTableElement | null;
const rows = matrix ? [...matrix.tBodies[0]!.rows] : [];
const save = document.getElementById("save") as HTMLButtonElement;
const trouble = document.getElementById("trouble") as HTMLElement;
const sure = document.getElementById("sure") as HTMLElement;

const cellsOf = (row: HTMLTableRowElement) => [...row.querySelectorAll<HTMLInputElement>(".cell")];
const shownRows = () => rows.filter((row) => !row.hidden);
const changedRows = () => rows.filter((row) => row.querySelector(".changed"));

function show(cell: HTMLInputElement): void {
  cell.classList.toggle("changed", cell.value !== cell.dataset.was);
  cell.classList.toggle("high", Number(cell.value) > 7);
}

function count(): void {
  for (const foot of matrix!.querySelectorAll<HTMLElement>("[data-count]")) {
    const cells = matrix!.querySelectorAll<HTMLInputElement>(`.cell[data-skill="${foot.dataset.count!}"]`);
    foot.textContent = String([...cells].filter((cell) => cell.value).length);
  }
  const changed = changedRows().length;
  save.disabled = changed === 0;
  save.title = changed ? say(words, "only_one", { count: changed }) : "";
}

function set(cell: HTMLInputElement, level: number): void {
  cell.value = level ? String(level) : "";
  show(cell);
}

function move(from: HTMLInputElement, down: number, right: number): void {
  const visible = shownRows();
  const row = visible.indexOf(from.closest("tr")!);
  const column = cellsOf(visible[row]!).indexOf(from);
  const target = visible[row + down] ? cellsOf(visible[row + down]!)[column + right] : undefined;
  target?.focus();
  target?.select();
}

function press(event: KeyboardEvent): void {
  const cell = event.target as HTMLInputElement;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const steps: Record<string, [number, number]> = {
    ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0],
  };
  const step = steps[event.key];
  if (step) move(cell, ...step);
  else if (/^[0-9]$/.test(event.key)) set(cell, Number(event.key));
  else if (event.key === "Delete" || event.key === "Backspace") set(cell, 0);
  else if (event.key === "Escape") set(cell, Number(cell.dataset.was));
  else if (event.key === "Tab" || event.key.startsWith("F")) return;
  event.preventDefault();
  count();
}

function filter(): void {
  const text = (document.getElementById("filter") as HTMLInputElement).value.trim().toLowerCase();
  const team = (document.getElementById("team") as HTMLSelectElement).value;
  for (const row of rows) {
    row.hidden = !row.dataset.text!.toLowerCase().includes(text) || (team !== "" && row.dataset.team !== team);
  }
}

function setAll(): void {
  const skill = (document.getElementById("bulk-skill") as HTMLSelectElement).value;
  const level = Number((document.getElementById("bulk-level") as HTMLSelectElement).value);
  for (const row of shownRows()) set(row.querySelector<HTMLInputElement>(`.cell[data-skill="${skill}"]`)!, level);
  count();
}

function addSkill(event: Event): void {
  if (!changedRows().length) return;
  event.preventDefault(); // the page would come anew, without them
  trouble.textContent = say(words, "save_first");
  trouble.hidden = false;
}

function skillsOf(row: HTMLTableRowElement): Record<string, number> {
  return Object.fromEntries(
    cellsOf(row).filter((cell) => cell.value).map((cell) => [cell.dataset.skill!, Number(cell.value)]),
  );
}

async function send(confirmed: boolean): Promise<void> {
  const changed = changedRows();
  if (!changed.length) return;
  trouble.hidden = sure.hidden = true;
  const body = {
    changes: Object.fromEntries(changed.map((row) => [row.dataset.agent!, skillsOf(row)])),
    bases: Object.fromEntries(changed.map((row) => [row.dataset.agent!, Number(row.dataset.base)])),
    confirmed,
  };
  try {
    const told = await ask<{ versions: Record<string, number> }>("POST", "/admin/skills", body);
    settle(changed, told.versions);
  } catch (refused) {
    refuse(refused);
  }
}

function settle(changed: HTMLTableRowElement[], versions: Record<string, number>): void {
  for (const row of changed) {
    row.dataset.base = String(versions[row.dataset.agent!] ?? row.dataset.base);
    for (const cell of cellsOf(row)) {
      cell.dataset.was = cell.value;
      show(cell);
    }
  }
  count();
  toast(say(words, "saved"));
  announce(say(words, "saved"));
}

function refuse(refused: unknown): void {
  const sentence = refused instanceof Error ? refused.message : String(refused);
  if (refused instanceof Refusal && refused.field === "confirm") {
    sure.querySelector("p")!.textContent = sentence;
    sure.hidden = false;
    document.getElementById("sure-no")!.focus();
    return;
  }
  trouble.textContent = sentence;
  trouble.hidden = false;
}

if (matrix) {
  matrix.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement) press(event);
  });
  matrix.addEventListener("input", (event) => {
    const cell = event.target as HTMLInputElement;
    if (!/^[1-9]?$/.test(cell.value)) cell.value = "";
    show(cell);
    count();
  });
  document.getElementById("filter")!.addEventListener("input", filter);
  document.getElementById("team")!.addEventListener("change", filter);
  document.getElementById("bulk")?.addEventListener("click", setAll);
  document.getElementById("new-skill")!.addEventListener("submit", addSkill);
  save.addEventListener("click", () => void send(false));
  document.getElementById("sure-yes")!.addEventListener("click", () => void send(true));
  document.getElementById("sure-no")!.addEventListener("click", () => { sure.hidden = true; });
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.ctrlKey && event.code === "Enter") void send(false);
    if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      document.getElementById("filter")!.focus();
    }
  });
  window.addEventListener("beforeunload", (event) => { if (changedRows().length) event.preventDefault(); });
  count();
}
