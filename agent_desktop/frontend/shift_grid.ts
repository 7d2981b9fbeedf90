// The grid of shifts: cells walked and filled by key, chips dragged, every change sent at once and the grid drawn anew.
import { announce, csrfToken } from "./page";

interface Cell { agent: string; day: string; kind: string }

export function startGrid(plan: HTMLElement): void {
  const week = plan.dataset.week ?? "";
  let at: [number, number] = [0, 0];
  let from: [number, number] = [0, 0];
  let held: string[][] | null = null;
  let dragged: { kind: string; cell: HTMLElement | null } | null = null;

  const rows = (): HTMLElement[][] => [...plan.querySelectorAll("tbody tr:not(.team)")]
    .map((row) => [...row.querySelectorAll<HTMLElement>("[data-day][role=gridcell]")]);

  function chosen(): HTMLElement[][] {
    const [top, bottom] = [Math.min(at[0], from[0]), Math.max(at[0], from[0])];
    const [left, right] = [Math.min(at[1], from[1]), Math.max(at[1], from[1])];
    return rows().slice(top, bottom + 1).map((row) => row.slice(left, right + 1));
  }

  function mark(focus: boolean): void {
    plan.querySelectorAll("[aria-selected=true]").forEach((one) => one.removeAttribute("aria-selected"));
    chosen().flat().forEach((one) => one.setAttribute("aria-selected", "true"));
    const grid = rows();
    grid.flat().forEach((one) => { one.tabIndex = -1; });
    const cell = grid[at[0]]?.[at[1]];
    if (!cell) return;
    cell.tabIndex = 0;
    if (focus) cell.focus();
  }

  async function send(act: string, body: object): Promise<void> {
    const answer = await fetch(`/staffing/plan/${act}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": csrfToken(), "HX-Request": "true" },
      body: JSON.stringify({ week, ...body }),
    }).catch(() => null);
    const text = answer ? await answer.text() : "";
    if (!answer?.ok) return tell(text && answer ? problemOf(text) : plan.dataset.failed ?? "");
    const inside = plan.contains(document.activeElement);
    plan.innerHTML = text;
    mark(inside);
  }

  function problemOf(text: string): string {
    try {
      return String((JSON.parse(text) as { message?: string; detail?: string }).message ?? plan.dataset.failed);
    } catch {
      const told = new DOMParser().parseFromString(text, "text/html").querySelector("[role=alert], .toast, p");
      return told?.textContent?.trim() || (plan.dataset.failed ?? "");
    }
  }

  function tell(text: string): void {
    announce(text, "alert");
    const toast = document.getElementById("toast");
    if (toast) toast.textContent = text;
    window.setTimeout(() => { if (toast?.textContent === text) toast.textContent = ""; }, 6000);
  }

  const give = (cells: Cell[]) => void send("cells", { cells });
  const filled = (kind: string) => give(chosen().flat().map((one) => ({ agent: one.dataset.agent!, day: one.dataset.day!, kind })));

  function paste(): void {
    if (!held) return;
    const grid = rows();
    const cells: Cell[] = [];
    held.forEach((line, down) => line.forEach((kind, across) => {
      const cell = grid[at[0] + down]?.[at[1] + across];
      if (cell) cells.push({ agent: cell.dataset.agent!, day: cell.dataset.day!, kind });
    }));
    give(cells);
  }

  function walk(event: KeyboardEvent, down: number, across: number): void {
    const grid = rows();
    at = [
      Math.max(0, Math.min(grid.length - 1, at[0] + down)),
      Math.max(0, Math.min((grid[0]?.length ?? 1) - 1, at[1] + across)),
    ];
    if (!event.shiftKey) from = at;
    event.preventDefault();
    mark(true);
  }

  plan.addEventListener("keydown", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("[role=gridcell]") || event.isComposing) return;
    const steps: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const step = steps[event.code];
    if (step) return walk(event, ...step);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const kind = digit ? plan.querySelectorAll<HTMLElement>(".palette [data-kind]")[Number(digit) - 1]?.dataset.kind : undefined;
    if (kind) filled(kind);
    else if (event.code === "Delete" || event.code === "Backspace" || event.code === "Digit0") filled("");
    else if (event.code === "KeyC") held = chosen().map((line) => line.map((one) => one.dataset.kind ?? ""));
    else if (event.code === "KeyV") paste();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
    if (event.code !== "KeyZ" || !event.ctrlKey || event.shiftKey || typing) return;
    event.preventDefault();
    void send("undo", {});
  });
  plan.addEventListener("focusin", (event) => {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=gridcell]") : null;
    if (!cell || cell.getAttribute("aria-selected") === "true") return;
    choose(cell);
  });

  function choose(cell: HTMLElement): void {
    const grid = rows();
    const row = grid.findIndex((line) => line.includes(cell));
    if (row < 0) return;
    from = at = [row, grid[row]!.indexOf(cell)];
    mark(false);
  }

  plan.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const act = target?.closest<HTMLElement>("[data-act]")?.dataset.act;
    const kind = target?.closest<HTMLElement>(".palette [data-kind]")?.dataset.kind;
    const problem = target?.closest<HTMLElement>(".problem");
    if (act) void send(act, {});
    else if (kind) filled(kind);
    else if (problem) {
      plan.querySelector<HTMLElement>(`[role=gridcell][data-agent="${problem.dataset.agent}"][data-day="${problem.dataset.day}"]`)?.focus();
    } else target?.closest<HTMLElement>("[role=gridcell]")?.focus();
  });

  plan.addEventListener("dragstart", (event) => {
    const chip = event.target instanceof Element ? event.target.closest<HTMLElement>(".chip") : null;
    if (!chip) return;
    const cell = chip.closest<HTMLElement>("[role=gridcell]");
    dragged = { kind: chip.dataset.kind ?? cell?.dataset.kind ?? "", cell };
    event.dataTransfer?.setData("text/plain", dragged.kind);
  });
  plan.addEventListener("dragover", (event) => {
    const cell = event.target instanceof Element ? event.target.closest("[role=gridcell]") : null;
    if (dragged && cell) event.preventDefault();
  });
  plan.addEventListener("drop", (event) => {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=gridcell]") : null;
    if (!dragged || !cell) return;
    event.preventDefault();
    const cells: Cell[] = [{ agent: cell.dataset.agent!, day: cell.dataset.day!, kind: dragged.kind }];
    const source = dragged.cell;
    if (source && source !== cell && !event.ctrlKey) cells.push({ agent: source.dataset.agent!, day: source.dataset.day!, kind: "" });
    dragged = null;
    give(cells);
  });
  mark(false);
}
