// Click to dial: what stands on the screen is named to the site, which knows the number; one line asks before it rings.
import { setText } from "./page";
import { ask, Refusal } from "./site";

export interface OnScreen {
  kind: string;
  value: string;
  name: string;
  shown: string;
}

const KEPT = "hotline-dial";

export class DialLine {
  private readonly line = document.getElementById("dial-line") as HTMLElement;
  private chosen: OnScreen | null = null;
  private before: HTMLElement | null = null;

  /** `dialled` decides what follows a dial the site took. */
  constructor(private readonly dialled: (line: DialLine) => void) {
    this.line.addEventListener("keydown", (event) => {
      if (event.code !== "Escape") return;
      event.stopPropagation();
      this.hide();
    });
  }

  get open(): boolean {
    return !this.line.hidden;
  }

  show(chosen: OnScreen): void {
    this.chosen = chosen;
    this.before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setText(document.getElementById("dial-name"), chosen.name);
    setText(document.getElementById("dial-shown"), chosen.shown);
    this.tell(this.note.dataset["plain"] ?? "", false);
    this.line.hidden = false;
    this.button("dial-yes").hidden = false;
    this.button("dial-yes").focus();
  }

  hide(): void {
    if (!this.open) return;
    this.line.hidden = true;
    if (this.line.contains(document.activeElement) || document.activeElement === document.body) this.before?.focus();
  }

  async dial(): Promise<void> {
    if (!this.chosen) return;
    const { kind, value } = this.chosen;
    try {
      await ask("POST", "/api/call/dial", kind === "number" ? { number: value } : { kind, value });
      this.dialled(this);
    } catch (refused) {
      this.tell(refused instanceof Refusal ? refused.message : String(refused), true);
    }
  }

  /** The phone rings in another tab; nothing is left to do here. */
  sayElsewhere(): void {
    this.button("dial-yes").hidden = true;
    this.tell(this.line.dataset["elsewhere"] ?? "", false);
  }

  /** The desk of this tab takes it up, see `taken`. */
  keep(): void {
    sessionStorage.setItem(KEPT, JSON.stringify(this.chosen));
  }

  private get note(): HTMLElement {
    return document.getElementById("dial-note") as HTMLElement;
  }

  private tell(text: string, refused: boolean): void {
    setText(this.note, text);
    this.note.classList.toggle("breach", refused);
  }

  private button(what: string): HTMLElement {
    return this.line.querySelector(`[data-do=${what}]`) as HTMLElement;
  }
}

/** What another page of this tab wanted dialled; once. */
export function taken(): OnScreen | null {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  return kept ? (JSON.parse(kept) as OnScreen) : null;
}

export function onScreen(element: HTMLElement): OnScreen {
  const { kind = "", value = "", name = "", shown = "" } = element.dataset;
  return { kind, value, name, shown };
}
