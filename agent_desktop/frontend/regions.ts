// Puts pushed HTML into the page without touching what somebody types in, and keeps timers and tabs true.
import morphdom from "morphdom";
import type { Picture } from "./live";
import { duration, setText, type ServerClock } from "./page";

export const PANE = ["customer", "record", "assist"] as const;

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
};

/** Changes only what differs; an element with the same `data-keep` belongs to the person who fills it in. */
export function morph(region: HTMLElement, html: string): void {
  const next = region.cloneNode(false) as HTMLElement;
  next.innerHTML = html;
  morphdom(region, next, {
    childrenOnly: true,
    getNodeKey: (node) => (node instanceof HTMLElement ? node.id || node.dataset["keep"] || node.dataset["part"] : undefined),
    onBeforeElUpdated: (from, to) => {
      if (from.dataset["keep"] && from.dataset["keep"] === to.dataset["keep"]) return false;
      if (from instanceof HTMLDetailsElement && to instanceof HTMLDetailsElement) to.open = from.open;
      if (from.getAttribute("role") === "timer" && sameTimer(from, to)) return false;
      return !from.isEqualNode(to);
    },
  });
}

function sameTimer(from: HTMLElement, to: HTMLElement): boolean {
  return from.dataset["since"] === to.dataset["since"] && from.dataset["until"] === to.dataset["until"];
}

/** Which contact the three columns show: "work" = none, "call" = the live one, else the id of a record left open. */
export class View {
  shown: string;
  private latest: Record<string, string> = {};

  constructor(private readonly clock: ServerClock) {
    this.shown = document.body.dataset["view"] ?? "work";
  }

  apply(picture: Picture): void {
    for (const [name, html] of Object.entries(picture.regions)) {
      const pane = (PANE as readonly string[]).includes(name);
      if (pane) this.latest[name] = html;
      if (!pane || !this.showsDraft) morph(byId(name), html);
    }
    this.sync();
  }

  get showsDraft(): boolean {
    return this.shown !== "work" && this.shown !== "call";
  }

  /** The columns of another contact, as the site drew them. */
  showDraft(contact: string, regions: Record<string, string>): void {
    for (const name of PANE) morph(byId(name), regions[name] ?? "");
    this.turnTo(contact);
  }

  /** What is in the columns now stays there under its own tab; the live call no longer changes it. */
  keepAsDraft(contact: string): void {
    this.turnTo(contact);
  }

  show(view: "work" | "call"): void {
    const fromDraft = this.showsDraft;
    this.turnTo(view);
    if (fromDraft) for (const name of PANE) morph(byId(name), this.latest[name] ?? "");
    this.sync();
  }

  private turnTo(view: string): void {
    this.shown = view;
    document.body.dataset["view"] = view === "work" ? "work" : "call";
    const address = view === "work" ? "/desk" : view === "call" ? "/desk#call" : `/desk#${encodeURIComponent(view)}`;
    if (location.pathname + location.hash !== address) history.replaceState(null, "", address);
    this.sync();
  }

  /** Selected tabs and timers follow from what is shown, whoever drew them last. */
  sync(): void {
    for (const tab of byId("tabs").querySelectorAll<HTMLElement>("[role=tab]")) {
      const selected = tab.dataset["view"] === this.shown;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
    }
    const wanted = document.body.dataset["assist"] ?? "assist-knowledge";
    const open = wanted === "assist-text" && !document.body.dataset["text"] ? "assist-knowledge" : wanted;
    for (const tab of byId("assist").querySelectorAll<HTMLElement>("[role=tab]")) {
      tab.setAttribute("aria-selected", String(tab.getAttribute("aria-controls") === open));
    }
    for (const pane of byId("assist").querySelectorAll<HTMLElement>(".apane")) pane.dataset["open"] = String(pane.id === open);
    this.tick(this.clock.now());
  }

  tick(now: number): void {
    for (const timer of document.querySelectorAll<HTMLElement>("[role=timer]")) {
      const { since, until, warn } = timer.dataset;
      const seconds = until ? Number(until) - now : now - Number(since ?? now);
      setText(timer, duration(seconds));
      if (warn) timer.classList.toggle("warn", seconds > Number(warn));
    }
    const lost = document.body.dataset["lostSince"];
    if (lost) for (const timer of document.querySelectorAll(".lost-timer")) setText(timer, duration(Date.now() / 1000 - Number(lost)));
    const missed = document.querySelector<HTMLElement>("[data-missed]");
    const shown = missed !== null && Number(missed.dataset["missed"]) > 0 && now < Number(missed.dataset["until"]);
    document.body.classList.toggle("just-missed", shown);
  }
}

/** The next frame has begun, so the one before is on the screen. A page in the background has no frames. */
export function nextFrame(): Promise<void> {
  if (document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    window.setTimeout(resolve, 250);
    requestAnimationFrame(() => resolve());
  });
}

/** What is in the page now is painted: a message posted within a frame is delivered after that frame's paint. */
export async function painted(): Promise<void> {
  await nextFrame();
  if (document.hidden) return;
  await new Promise<void>((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });
}
