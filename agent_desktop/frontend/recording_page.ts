// The page of one recording: the player, and everything on the page that leads to a place in it.
import { duration, pageWords, setText } from "./page";
import { Link } from "./recording_link";
import { silences } from "./recording_silence";
import { Wave, type Peaks } from "./recording_wave";
import { Sides } from "./sound_sides";

const words = pageWords();
const STEP = 5;
const SPEED = "hl-speed";
const SKIP = "hl-skip-silence";

class Player {
  private readonly audio = new Audio();
  private readonly sides = new Sides(this.audio);
  private readonly wave: Wave;
  private readonly link: Link;
  private readonly seconds: number;
  private place = 0;
  private opening: Promise<void> | null = null;
  private quiet: [number, number][] = [];
  private skips = localStorage.getItem(SKIP) === "1";
  private mended = 0;

  constructor(private readonly section: HTMLElement) {
    this.seconds = Number(section.dataset["seconds"]);
    this.link = new Link(section.dataset["recording"] ?? "");
    this.wave = new Wave(this.one(".wave"), this.one(".tm"), (place) => void this.seek(place));
    this.audio.preload = "none";
    this.controls();
    this.listen();
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("hl-seek", (event) => void this.playFrom(Number((event as CustomEvent<number>).detail)));
    document.addEventListener("click", (event) => {
      const goal = (event.target as Element).closest<HTMLElement>("[data-seek]");
      if (goal) void this.playFrom(Number(goal.dataset["seek"]));
    });
    window.setInterval(() => void this.stay(), 5_000);
    const first = Number(new URLSearchParams(location.search).get("at"));
    this.moved(first > 0 && first < this.seconds ? first : 0);
  }

  async draw(): Promise<void> {
    const answer = await fetch(`/recordings/${this.section.dataset["recording"]}/peaks`, { headers: { accept: "application/json" } });
    if (!answer.ok) return this.complain(((await answer.json().catch(() => ({}))) as { message?: string }).message);
    const peaks = (await answer.json()) as Peaks;
    if (!peaks.seconds) peaks.seconds = this.seconds;
    this.quiet = silences(peaks);
    this.wave.show(peaks);
  }

  private controls(): void {
    this.one(".pb").addEventListener("click", () => void this.toggle());
    this.one(".back").addEventListener("click", () => void this.seek(this.place - STEP));
    this.one(".forward").addEventListener("click", () => void this.seek(this.place + STEP));
    const remembered = localStorage.getItem(SPEED) ?? "1.0";
    const speed = this.group(".speed", (value) => {
      this.audio.defaultPlaybackRate = this.audio.playbackRate = Number(value);
      localStorage.setItem(SPEED, value);
    });
    speed(remembered);
    this.group(".side", (value) => this.sides.hear(value));
    const skip = this.one("[name=skip]") as HTMLInputElement;
    skip.checked = this.skips;
    skip.addEventListener("change", () => {
      this.skips = skip.checked;
      localStorage.setItem(SKIP, this.skips ? "1" : "0");
    });
  }

  private listen(): void {
    for (const name of ["timeupdate", "seeking"]) this.audio.addEventListener(name, () => this.moved(this.audio.currentTime));
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.show());
    this.audio.addEventListener("error", () => void this.mend());
  }

  /** Asks for the link at the first play, not before: to look at a waveform is no listening. */
  private open(): Promise<void> {
    this.opening ??= (async () => {
      const place = this.place;
      this.audio.src = await this.link.open();
      this.audio.currentTime = place;
      this.sides.open();
    })();
    return this.opening;
  }

  /** While it plays the link is kept alive, so that the browser may ask for the rest of the sound whenever it likes. */
  private async stay(): Promise<void> {
    if (this.audio.paused || !this.link.old) return;
    await this.link.keepAlive().catch((error: unknown) => this.complain(error instanceof Error ? error.message : ""));
  }

  /** The sound broke off, e.g. after a night in which the machine slept: once more from where it was. */
  private async mend(): Promise<void> {
    if (!this.audio.src || Date.now() - this.mended < 10_000) return this.complain();
    this.mended = Date.now();
    this.opening = null;
    await this.playFrom(this.place);
  }

  private async toggle(): Promise<void> {
    if (!this.audio.paused) return this.audio.pause();
    await this.playFrom(this.place >= this.seconds - 0.05 ? 0 : this.place);
  }

  private async playFrom(place: number): Promise<void> {
    if (!Number.isFinite(place)) return;
    try {
      this.moved(this.within(place));
      await this.open();
      await this.seek(place);
      await this.audio.play();
      this.complain("", false);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return; // the next click came sooner
      this.opening = null;
      this.complain(error instanceof Error ? error.message : "");
    }
  }

  private within(at: number): number {
    return Math.max(0, Math.min(this.seconds, at));
  }

  private async seek(at: number): Promise<void> {
    const place = this.within(at);
    this.moved(place);
    if (!this.audio.src) return;
    if (this.link.old) await this.link.keepAlive();
    if (Math.abs(this.audio.currentTime - place) > 0.01) this.audio.currentTime = place;
  }

  private moved(place: number): void {
    const rest = this.skips && !this.audio.paused ? this.quiet.find(([from, to]) => place >= from && place < to - 0.3) : undefined;
    if (rest) return void this.seek(rest[1]);
    this.place = place;
    this.section.dataset["place"] = place.toFixed(2);
    this.wave.move(place);
    setText(this.one(".now"), duration(place));
    this.one(".wave").setAttribute("aria-valuenow", String(Math.floor(place)));
    this.one(".wave").setAttribute("aria-valuetext", duration(place));
    document.dispatchEvent(new CustomEvent("hl-time", { detail: place }));
  }

  private show(): void {
    const playing = !this.audio.paused && !this.audio.ended;
    this.section.classList.toggle("playing", playing);
    this.one(".pb").setAttribute("aria-label", (playing ? words["pause"] : words["play"]) ?? "");
  }

  private key(event: KeyboardEvent): void {
    const on = event.target as HTMLElement;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (on.matches("input:not([type=checkbox]), select, textarea, [role=radio], [role=tab]")) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.code === "Space" && !on.matches("button, a, summary, input")) void this.toggle();
    else if (event.code === "ArrowLeft") void this.seek(this.place - STEP);
    else if (event.code === "ArrowRight") void this.seek(this.place + STEP);
    else if (on.matches(".wave") && event.code === "Home") void this.seek(0);
    else if (on.matches(".wave") && event.code === "End") void this.seek(this.seconds);
    else return;
    event.preventDefault();
  }

  /** A row of radio buttons, arrows move within it; gives a way to choose by value. */
  private group(selector: string, chosen: (value: string) => void): (value: string) => void {
    const buttons = [...this.section.querySelectorAll<HTMLButtonElement>(`${selector} button`)];
    const choose = (value: string) => {
      const button = buttons.find((one) => one.dataset["value"] === value) ?? buttons[0];
      for (const other of buttons) {
        other.setAttribute("aria-checked", String(other === button));
        other.tabIndex = other === button ? 0 : -1;
      }
      chosen(button?.dataset["value"] ?? "");
    };
    buttons.forEach((button, at) => {
      button.addEventListener("click", () => choose(button.dataset["value"] ?? ""));
      button.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.code];
        const next = step && buttons[(at + step + buttons.length) % buttons.length];
        if (!next) return;
        event.preventDefault();
        event.stopPropagation();
        next.focus();
        choose(next.dataset["value"] ?? "");
      });
    });
    if (buttons[0]) choose((buttons.find((one) => one.getAttribute("aria-checked") === "true") ?? buttons[0]).dataset["value"] ?? "");
    return choose;
  }

  private one(selector: string): HTMLElement {
    return this.section.querySelector(selector) as HTMLElement;
  }

  private complain(told = "", wrong = true): void {
    setText(this.one(".trouble"), wrong ? told || (words["away"] ?? "") : "");
  }
}

const section = document.getElementById("player");
if (section?.querySelector(".wave")) void new Player(section).draw();
