// The editor of a wallboard: panels in a grid by drag or by keyboard, several pages, each step taken back with Ctrl+Z.
import { GridStack, type GridStackNode } from "gridstack";
// @ts-expect-error esbuild puts the stylesheet beside the script
import "gridstack/dist/gridstack.min.css";
import { pageWords, say, setText } from "./page";

type Placed = [kind: string, x: number, y: number, w: number, h: number];
type Pages = Placed[][];

const words = pageWords();
const form = document.getElementById("board-form") as HTMLFormElement | null;
const kinds = JSON.parse(document.getElementById("board-kinds")?.textContent ?? "{}") as Record<string, { word: string; least: [number, number] }>;

class Editor {
  private readonly holder = document.getElementById("grid") as HTMLElement;
  private readonly columns = Number(this.holder.dataset["columns"]);
  private readonly rows = Number(this.holder.dataset["rows"]);
  private readonly grid: GridStack;
  private pages: Pages;
  private before: string[] = [];
  private page = 0;
  private drawing = false;
  private readonly begun: string;

  constructor(private readonly target: HTMLFormElement) {
    this.pages = (JSON.parse(this.field("settings").value) as { pages: Pages }).pages;
    const options = { column: this.columns, maxRow: this.rows, margin: 2, float: true, cellHeight: this.cellHeight(), animate: false };
    this.grid = GridStack.init({ ...options, resizable: { handles: "se" } }, this.holder) as GridStack;
    this.grid.on("change added removed", () => this.keep());
    window.addEventListener("resize", () => this.grid.cellHeight(this.cellHeight()));
    this.holder.addEventListener("keydown", (event) => this.key(event));
    this.listen();
    this.draw();
    this.begun = this.told();
  }

  private field(name: string): HTMLInputElement {
    return this.target.elements.namedItem(name) as HTMLInputElement;
  }

  private cellHeight(): number {
    return (this.holder.parentElement as HTMLElement).clientHeight / this.rows;
  }

  private listen(): void {
    document.getElementById("add-page")?.addEventListener("click", () => this.change(() => (this.page = this.pages.push([]) - 1)));
    document.getElementById("step-back")?.addEventListener("click", () => this.back());
    document.addEventListener("keydown", (event) => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
      if ((event.ctrlKey || event.metaKey) && event.key === "z" && !typing) {
        event.preventDefault();
        this.back();
      } else if (event.ctrlKey && event.key === "Enter") this.target.requestSubmit();
    });
    this.target.addEventListener("submit", () => {
      this.field("settings").value = this.told();
      window.onbeforeunload = null;
    });
    this.target.addEventListener("change", () => this.unsaved());
  }

  /** Everything that is saved, as JSON. */
  private told(): string {
    const data = new FormData(this.target);
    const text = (name: string) => String(data.get(name) ?? "");
    const whole = (name: string) => (/^\d+$/.test(text(name).trim()) ? Number(text(name)) : text(name));
    const limits: Record<string, unknown> = {};
    for (const name of this.target.querySelectorAll<HTMLInputElement>("[name$=_warn]")) {
      const id = name.name.slice("limit_".length, -"_warn".length);
      const pair = [name.value, this.field(`limit_${id}_breach`).value].map((value) => (value.trim() === "" ? 0 : Number(value.replace(",", "."))));
      limits[id] = pair.map((value) => (Number.isNaN(value) ? "?" : value));
    }
    return JSON.stringify({
      pages: this.pages,
      queues: data.getAll("queues"),
      teams: data.getAll("teams"),
      sounds: data.getAll("sounds"),
      rotate_seconds: whole("rotate_seconds"),
      theme: text("theme"),
      light_from: whole("light_from"),
      light_until: whole("light_until"),
      limits,
      message: text("message"),
    });
  }

  private unsaved(): void {
    window.onbeforeunload = this.told() === this.begun ? null : () => words["leave"];
  }

  /** One step, which can be taken back. */
  private change(work: () => void): void {
    this.before.push(JSON.stringify(this.pages));
    work();
    this.draw();
  }

  private back(): void {
    const last = this.before.pop();
    if (last === undefined) return;
    this.pages = JSON.parse(last) as Pages;
    this.page = Math.min(this.page, this.pages.length - 1);
    this.draw();
  }

  /** What was dragged becomes the page. */
  private keep(): void {
    if (this.drawing) return;
    const placed = (this.grid.engine.nodes as GridStackNode[]).map((node): Placed => [String(node.id), node.x ?? 0, node.y ?? 0, node.w ?? 1, node.h ?? 1]);
    if (JSON.stringify(placed) === JSON.stringify(this.pages[this.page])) return;
    this.before.push(JSON.stringify(this.pages));
    this.pages[this.page] = placed;
    this.after();
  }

  private draw(): void {
    this.drawing = true;
    const focused = document.activeElement?.closest(".grid-stack-item")?.getAttribute("gs-id");
    this.grid.removeAll(true, false);
    for (const [kind, x, y, w, h] of this.pages[this.page] ?? []) this.put(kind, { x, y, w, h });
    this.drawing = false;
    if (focused) this.holder.querySelector<HTMLElement>(`[gs-id="${focused}"]`)?.focus();
    this.drawTabs();
    this.after();
  }

  private after(): void {
    this.drawPalette();
    (document.getElementById("step-back") as HTMLButtonElement).disabled = this.before.length === 0;
    setText(document.getElementById("layout-error"), "");
    this.unsaved();
  }

  private put(kind: string, place: { x?: number; y?: number; w: number; h: number }): void {
    const known = kinds[kind];
    if (!known) return;
    const item = this.grid.addWidget({ id: kind, ...place, minW: known.least[0], minH: known.least[1] });
    if (!item) return;
    item.tabIndex = 0;
    item.setAttribute("role", "group");
    item.setAttribute("aria-label", known.word);
    const content = item.querySelector(".grid-stack-item-content") as HTMLElement;
    const name = document.createElement("b");
    name.textContent = known.word;
    const off = document.createElement("button");
    off.type = "button";
    off.className = "ib";
    off.textContent = "×";
    off.setAttribute("aria-label", `${words["remove"] ?? ""} ${known.word}`);
    off.addEventListener("click", () => this.takeOff(kind));
    content.replaceChildren(name, off);
  }

  private takeOff(kind: string): void {
    this.change(() => (this.pages[this.page] = (this.pages[this.page] ?? []).filter((panel) => panel[0] !== kind)));
  }

  private add(kind: string): void {
    const [w, h] = kinds[kind]?.least ?? [1, 1];
    const taken = new Set((this.pages[this.page] ?? []).flatMap(([, x, y, width, height]) => Array.from({ length: width * height }, (_, cell) => `${x + (cell % width)},${y + Math.floor(cell / width)}`)));
    const free = (x: number, y: number) => Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`).every((cell) => !taken.has(cell));
    for (let y = 0; y + h <= this.rows; y += 1)
      for (let x = 0; x + w <= this.columns; x += 1)
        if (free(x, y)) {
          this.change(() => this.pages[this.page]?.push([kind, x, y, w, h]));
          this.holder.querySelector<HTMLElement>(`[gs-id="${kind}"]`)?.focus();
          return;
        }
    setText(document.getElementById("layout-error"), words["no_room"] ?? "");
  }

  private drawPalette(): void {
    const used = new Set(this.pages.flat().map((panel) => panel[0]));
    const left = Object.entries(kinds).filter(([kind]) => !used.has(kind));
    const buttons = left.map(([kind, { word }]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn sm";
      button.dataset["kind"] = kind;
      button.textContent = `+ ${word}`;
      button.addEventListener("click", () => this.add(kind));
      return button;
    });
    document.getElementById("palette")?.replaceChildren(...(buttons.length ? buttons : [words["all_used"] ?? ""]));
  }

  private drawTabs(): void {
    const tabs = this.pages.map((_, index) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-selected", String(index === this.page));
      tab.classList.toggle("on", index === this.page);
      tab.textContent = say(words, "page", { number: index + 1 });
      tab.addEventListener("click", () => {
        this.page = index;
        this.draw();
      });
      return tab;
    });
    if (this.pages.length > 1) tabs.push(this.removal());
    document.getElementById("page-tabs")?.replaceChildren(...tabs);
  }

  private removal(): HTMLButtonElement {
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", words["remove_page"] ?? "");
    remove.addEventListener("click", () =>
      this.change(() => {
        this.pages.splice(this.page, 1);
        this.page = Math.max(0, this.page - 1);
      }),
    );
    return remove;
  }

  private key(event: KeyboardEvent): void {
    const item = event.target as HTMLElement;
    const kind = item.getAttribute("gs-id");
    const panel = (this.pages[this.page] ?? []).find((one) => one[0] === kind);
    if (!kind || !panel) return;
    const moves: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const by = moves[event.key];
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.takeOff(kind);
    } else if (by) {
      event.preventDefault();
      const [, x, y, w, h] = panel;
      const [least, low] = kinds[kind]?.least ?? [1, 1];
      const next = event.shiftKey ? { w: Math.max(least, w + by[0]), h: Math.max(low, h + by[1]) } : { x: x + by[0], y: y + by[1] };
      const end = { x, y, w, h, ...next };
      if (end.x < 0 || end.y < 0 || end.x + end.w > this.columns || end.y + end.h > this.rows) return;
      this.grid.update(item, next);
    }
  }
}

if (form) new Editor(form);
document.addEventListener("click", (event) => {
  const asked = (event.target as HTMLElement).closest<HTMLElement>("[data-confirm]");
  if (asked && !window.confirm(asked.dataset["confirm"])) event.preventDefault();
  else if (asked) window.onbeforeunload = null;
});
document.querySelectorAll<HTMLElement>("[data-vanish]").forEach((told) => window.setTimeout(() => told.remove(), 8000));
