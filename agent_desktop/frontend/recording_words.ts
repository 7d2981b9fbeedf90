// What was said in a talk: the line that is heard is lit, words are found in it, topic words and interruptions follow each other.
import { setText } from "./page";

const LATEST = 4000; // ms: a reader who scrolled is left alone for so long
const AGAIN = 5000; // ms between two looks for the text of a talk that waits

class Transcript {
  private readonly lines: HTMLElement[];
  private readonly list: HTMLElement;
  private readonly marks: HTMLElement[];
  private touched = 0;
  private found: Range[] = [];
  private here = -1;
  private mark = -1;

  constructor(private readonly section: HTMLElement, private readonly player: HTMLElement) {
    this.list = section.querySelector(".tx") as HTMLElement;
    this.lines = [...this.list.children] as HTMLElement[];
    this.marks = [...this.list.querySelectorAll("mark")];
    for (const name of ["wheel", "touchmove", "keydown"]) section.addEventListener(name, () => (this.touched = Date.now()), { passive: true });
    new MutationObserver(() => this.follow()).observe(player, { attributeFilter: ["data-place"] });
    section.querySelector(".next-hit")?.addEventListener("click", () => this.nextMark());
    const input = section.querySelector<HTMLInputElement>(".find input");
    input?.addEventListener("input", () => this.find(input.value));
    input?.addEventListener("keydown", (event) => this.keys(event, input));
    this.follow();
  }

  /** The last line that has begun, once it plays. */
  private follow(): void {
    const place = Number(this.player.dataset["place"] ?? "0");
    const at = place > 0 ? this.lines.findLastIndex((line) => Number(line.dataset["from"]) <= place + 0.05) : -1;
    const line = this.lines[at];
    if (line?.classList.contains("on")) return;
    for (const other of this.list.querySelectorAll(".on")) other.classList.remove("on");
    line?.classList.add("on");
    if (line && Date.now() - this.touched > LATEST) this.show(line);
  }

  private find(asked: string): void {
    this.found = asked.trim() ? this.lines.flatMap((line) => ranges(line.querySelector(".x"), asked.trim())) : [];
    this.here = this.found.length ? 0 : -1;
    this.paint();
  }

  private keys(event: KeyboardEvent, input: HTMLInputElement): void {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      input.value = "";
      this.find("");
    } else if (event.key === "Enter" && this.found.length) {
      event.preventDefault();
      this.here = (this.here + (event.shiftKey ? this.found.length - 1 : 1)) % this.found.length;
      this.paint();
    }
  }

  private paint(): void {
    const asked = this.section.querySelector<HTMLInputElement>(".find input")?.value.trim();
    setText(this.section.querySelector(".found"), asked ? `${this.here + 1} / ${this.found.length}` : "");
    const place = this.found[this.here];
    if (place) this.show(place.startContainer.parentElement as HTMLElement);
    if (!("highlights" in CSS)) return; // the count and the way there are enough
    CSS.highlights.set("asked", new Highlight(...this.found));
    CSS.highlights.set("asked-here", new Highlight(...(place ? [place] : [])));
  }

  private nextMark(): void {
    this.marks[this.mark]?.classList.remove("here");
    this.mark = (this.mark + 1) % this.marks.length;
    const next = this.marks[this.mark];
    if (!next) return;
    next.classList.add("here");
    this.touched = Date.now();
    this.show(next);
  }

  private show(element: HTMLElement): void {
    const top = (this.section.querySelector(".top") as HTMLElement).offsetHeight;
    const [frame, place] = [this.section.getBoundingClientRect(), element.getBoundingClientRect()];
    if (place.top >= frame.top + top && place.bottom <= frame.bottom) return;
    this.section.scrollTop += place.top - frame.top - top - (frame.height - top) / 3;
  }
}

/** Each place of the text in an element, over the borders of its words. Letters are the same, small or large. */
function ranges(element: Element | null, asked: string): Range[] {
  if (!element) return [];
  const nodes: Text[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) nodes.push(walker.currentNode as Text);
  const text = nodes.map((node) => node.data).join("").toLowerCase();
  const wanted = asked.toLowerCase();
  const told: Range[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const range = document.createRange();
    let before = 0;
    for (const node of nodes) {
      const after = before + node.length;
      if (at >= before && at < after) range.setStart(node, at - before);
      if (at + wanted.length > before && at + wanted.length <= after) range.setEnd(node, at + wanted.length - before);
      before = after;
    }
    told.push(range);
  }
  return told;
}

/** Each click hears the next interruption. */
function nextMoment(button: HTMLElement): void {
  const moments = (button.dataset["moments"] ?? "").trim().split(/\s+/).map(Number);
  let at = -1;
  button.addEventListener("click", () => {
    at = (at + 1) % moments.length;
    document.dispatchEvent(new CustomEvent("hl-seek", { detail: Math.max(0, (moments[at] ?? 0) - 2) }));
  });
}

const player = document.getElementById("player");

function begin(): void {
  const section = document.querySelector<HTMLElement>(".tr");
  if (section?.querySelector(".tx") && player) new Transcript(section, player);
  const cuts = document.querySelector<HTMLElement>(".shares .cuts");
  if (cuts) nextMoment(cuts);
  if (["waiting", "running"].includes(section?.dataset["transcript"] ?? "")) window.setTimeout(() => void lookAgain(), AGAIN);
}

/** The text of a talk that waits is put in its place when it is there; what is heard meanwhile plays on. */
async function lookAgain(): Promise<void> {
  const answer = await fetch(`/recordings/${player?.dataset["recording"]}/text`).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const told = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const place of [".tr", ".shares-place"]) {
      const [now, then] = [told.querySelector(place), document.querySelector(place)];
      if (now && then && !now.isEqualNode(then)) then.replaceWith(document.adoptNode(now));
    }
  }
  begin();
}

/** The stored file is compared with its seal while the page is read. */
async function checkSeal(seal: HTMLElement): Promise<void> {
  const answer = await fetch(`/recordings/${player?.dataset["recording"]}/seal`).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-seal]");
  if (told) seal.replaceWith(document.adoptNode(told));
}

begin();
const seal = document.querySelector<HTMLElement>("[data-seal]");
if (seal) void checkSeal(seal);
const from = Number(new URLSearchParams(location.search).get("at"));
if (player && from > 0) {
  // A found sentence opens the talk at its place; it is heard when the reader presses play.
  const line = [...document.querySelectorAll<HTMLElement>(".tx li")].findLast((one) => Number(one.dataset["from"]) <= from + 0.05);
  line?.classList.add("on");
  line?.scrollIntoView({ block: "center" });
}
