// The live text beside the call: its tab, its lines, and at most three articles that never take the focus.
import { TextLines, TextSocket, type TextPush } from "./live_text";
import { say } from "./page";
import { words } from "./site";

const HIDDEN = ["", "off"]; // nothing is said where nothing is wanted
const TOLD = "hl-text-told"; // that there is no model is said in one call, not in each

export class DeskText {
  private leg = "";
  private dismissed = new Set<string>();
  private articles = "";
  private last: TextPush | null = null;
  private told = "";

  constructor(private readonly draw: () => void) {
    new TextSocket("/desk/text", (push) => this.take(push), () => this.cut());
  }

  readonly actions: Record<string, (element: HTMLElement) => unknown> = {
    "text-dismiss": (element) => this.dismiss(element.dataset["article"] ?? ""),
  };

  private take(push: TextPush): void {
    if (!push.call) return this.over();
    const fresh = push.leg !== this.leg;
    if (fresh) {
      this.leg = push.leg;
      this.dismissed.clear();
      this.articles = "";
      this.told = sessionStorage.getItem(TOLD) ?? "";
    }
    if (push.articles !== null && push.articles !== undefined) this.articles = push.articles;
    const lines = fresh ? push.lines : this.merged(push.lines);
    this.last = { ...push, lines };
    this.show(fresh);
    this.draw();
  }

  /** What was said stays beside the record until the next talk. */
  private over(): void {
    if (this.last) this.last = { ...this.last, note: "" };
    this.show();
  }

  /** Everything so far, for a pane that is drawn anew. */
  private merged(changed: TextPush["lines"]): TextPush["lines"] {
    const all = new Map((this.last?.lines ?? []).map((line) => [line.number, line]));
    for (const line of changed) all.set(line.number, line);
    return [...all.values()];
  }

  /** The pane may have been drawn after the words came: called again whenever the desk was. */
  show(fresh = false): void {
    const pane = document.getElementById("live-text");
    const push = this.last;
    const here = pane !== null && push !== null && push.call !== "" && pane.dataset["contact"] === push.call;
    const before = document.body.dataset["text"] ?? "";
    document.body.dataset["text"] = here && !this.hides(push) ? "on" : "";
    if (!here || !pane) return;
    const lines = new TextLines(pane);
    if (fresh || pane.dataset["leg"] !== push.leg) lines.clear();
    pane.dataset["leg"] = push.leg;
    lines.note(push.note);
    lines.draw(push.lines);
    this.suggest();
    if (before === "" && document.body.dataset["text"] === "on" && push.state === "listening" && !document.body.dataset["assist"]) {
      document.body.dataset["assist"] = "assist-text";
    }
  }

  private hides(push: TextPush): boolean {
    if (push.state !== "no_model") return HIDDEN.includes(push.state);
    if (this.told !== "" && this.told !== push.leg) return true;
    sessionStorage.setItem(TOLD, (this.told = push.leg));
    return false;
  }

  /** Cards are not changed under a finger or a focus; they follow at the next words. */
  private suggest(): void {
    const place = document.getElementById("live-articles");
    if (!place || place.matches(":hover") || place.contains(document.activeElement)) return;
    const next = document.createElement("template");
    next.innerHTML = this.articles;
    for (const card of next.content.querySelectorAll<HTMLElement>("[data-article].hit")) {
      if (this.dismissed.has(card.dataset["article"] ?? "")) card.remove();
    }
    if (!next.content.querySelector(".hit")) next.innerHTML = "";
    if (place.innerHTML !== next.innerHTML) place.innerHTML = next.innerHTML;
  }

  private dismiss(article: string): void {
    this.dismissed.add(article);
    const place = document.getElementById("live-articles");
    place?.querySelector(`.hit[data-article="${CSS.escape(article)}"]`)?.remove();
    if (place && !place.querySelector(".hit")) place.replaceChildren();
  }

  private cut(): void {
    const pane = document.getElementById("live-text");
    if (pane && document.body.dataset["text"] === "on") new TextLines(pane).note(say(words, "text_broken"));
  }
}
