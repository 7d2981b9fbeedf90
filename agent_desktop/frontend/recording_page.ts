// The page of one recording: the player, and everything on the page that leads to a place in it.
import { csrfToken, duration, pageWords, setText } from "./page";
import { Wave, type Peaks } from "./recording_wave";
import { Sides } from "./sound_sides";

const words = pageWords();
const STEP = 5;

class Player {
  private readonly audio = new Audio();
  private readonly sides = new Sides(this.audio);
  private readonly wave: Wave;
  private readonly seconds: number;
  private place = 0;
  private opening: Promise<void> | null = null;

  constructor(private readonly section: HTMLElement) {
    this.seconds = Number(section.dataset["seconds"]);
    this.wave = new Wave(this.one(".wave"), this.one(".tm"), (place) => this.seek(place));
    this.audio.preload = "none";
    this.one(".pb").addEventListener("click", () => void this.toggle());
    this.one(".back").addEventListener("click", () => this.seek(this.place - STEP));
    this.one(".forward").addEventListener("click", () => this.seek(this.place + STEP));
    this.group(".speed", (value) => (this.audio.playbackRate = Number(value)));
    this.group(".side", (value) => this.sides.hear(value));
    for (const name of ["timeupdate", "seeking"]) this.audio.addEventListener(name, () => this.moved(this.audio.currentTime));
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.show());
    this.audio.addEventListener("error", () => this.complain());
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("hl-seek", (event) => void this.playFrom(Number((event as CustomEvent<{ seconds: number } | number>).detail)));
    document.addEventListener("click", (event) => {
      const goal = (event.target as Element).closest<HTMLElement>("[data-seek]");
      if (goal) void this.playFrom(Number(goal.dataset["seek"]));
    });
    this.moved(0);
  }

  async draw(): Promise<void> {
    const answer = await fetch(`/recordings/${this.section.dataset["recording"]}/peaks`, { headers: { accept: "application/json" } });
    if (!answer.ok) return this.complain();
    const peaks = (await answer.json()) as Peaks;
    this.wave.show({ ...peaks, seconds: this.seconds || peaks.seconds });
  }

  /** Asks for the link once; the server writes the listening into the audit log before it answers. */
  private open(): Promise<void> {
    this.opening ??= (async () => {
      const answer = await fetch(`/recordings/${this.section.dataset["recording"]}/listen`, {
        method: "POST",
        headers: { accept: "application/json", "X-CSRF-Token": csrfToken() },
      });
      if (!answer.ok) throw new Error(((await answer.json()) as { message?: string }).message);
      this.audio.src = ((await answer.json()) as { url: string }).url;
      this.audio.currentTime = this.place;
      this.sides.open();
    })();
    return this.opening;
  }

  private async toggle(): Promise<void> {
    if (!this.audio.paused) return this.audio.pause();
    await this.playFrom(this.place >= this.seconds - 0.05 ? 0 : this.place);
  }

  private async playFrom(place: number): Promise<void> {
    if (!Number.isFinite(place)) return;
    try {
      this.seek(place);
      await this.open();
      await this.audio.play();
    } catch (error) {
      this.opening = null;
      this.complain(error instanceof Error ? error.message : "");
    }
  }

  private seek(at: number): void {
    const place = Math.max(0, Math.min(this.seconds, at));
    if (this.audio.src) this.audio.currentTime = place;
    this.moved(place);
  }

  private moved(place: number): void {
    this.place = place;
    this.section.dataset["place"] = place.toFixed(2);
    this.wave.move(place);
    setText(this.one(".now"), duration(place));
    this.one(".wave").setAttribute("aria-valuenow", String(Math.floor(place)));
    this.one(".wave").setAttribute("aria-valuetext", duration(place));
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
    if (event.code === "Space" && !on.matches("button, a, summary, input")) void this.toggle();
    else if (event.code === "ArrowLeft") this.seek(this.place - STEP);
    else if (event.code === "ArrowRight") this.seek(this.place + STEP);
    else return;
    event.preventDefault();
  }

  private group(selector: string, chosen: (value: string) => void): void {
    const buttons = [...this.section.querySelectorAll<HTMLButtonElement>(`${selector} button`)];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        buttons.forEach((other) => other.setAttribute("aria-checked", String(other === button)));
        chosen(button.dataset["value"] ?? "");
      });
    }
  }

  private one(selector: string): HTMLElement {
    return this.section.querySelector(selector) as HTMLElement;
  }

  private complain(told = ""): void {
    setText(this.one(".trouble"), told || (words["away"] ?? ""));
  }
}

const section = document.getElementById("player");
if (section?.querySelector(".wave")) void new Player(section).draw();
