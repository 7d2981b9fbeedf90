// The small player of a timeline: both voices as two lines, drawn from peaks; the link is asked for (and logged) at the first play.
import { csrfToken, duration, pageWords, setText } from "./page";

const words = pageWords();
const WIDTH = 420;
const BARS = 130;

interface Peaks {
  seconds: number;
  customer: number[];
  agent: number[];
}

/** As many bars as fit, each as high as the loudest moment it stands for. */
function line(levels: number[], middle: number): string {
  const step = Math.max(1, Math.ceil(levels.length / BARS));
  const marks: string[] = [];
  for (let at = 0; at < levels.length; at += step) {
    const half = Math.max(0.8, 9 * Math.max(...levels.slice(at, at + step)));
    marks.push(`M${((at + step / 2) / levels.length) * WIDTH} ${(middle - half).toFixed(1)}v${(2 * half).toFixed(1)}`);
  }
  return marks.join("");
}

class Sound {
  private readonly audio = new Audio();
  private seconds = 0;
  private place = 0;

  constructor(private readonly section: HTMLElement) {
    this.audio.preload = "none";
    this.one(".pb").addEventListener("click", () => void this.toggle());
    this.wave.addEventListener("click", (event) => this.seek((event.offsetX / this.wave.clientWidth) * this.seconds));
    this.wave.addEventListener("keydown", (event) => this.key(event));
    this.audio.addEventListener("timeupdate", () => this.moved(this.audio.currentTime));
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.show());
  }

  async draw(): Promise<void> {
    const answer = await fetch(`/recordings/${this.section.dataset["sound"]}/peaks`, { headers: { accept: "application/json" } });
    if (!answer.ok) return this.complain();
    const peaks = (await answer.json()) as Peaks;
    this.seconds = peaks.seconds;
    this.one(".c").setAttribute("d", line(peaks.customer, 10));
    this.one(".a").setAttribute("d", line(peaks.agent, 30));
    this.wave.setAttribute("aria-valuemax", String(Math.floor(peaks.seconds)));
  }

  private get wave(): HTMLElement {
    return this.one(".wave");
  }

  private async toggle(): Promise<void> {
    if (!this.audio.paused) return this.audio.pause();
    try {
      if (!this.audio.src) await this.open();
      await this.audio.play();
    } catch {
      this.complain();
    }
  }

  private async open(): Promise<void> {
    const headers = { accept: "application/json", "X-CSRF-Token": csrfToken() };
    const answer = await fetch(`/recordings/${this.section.dataset["sound"]}/listen`, { method: "POST", headers });
    if (!answer.ok) throw new Error(String(answer.status));
    this.audio.src = ((await answer.json()) as { url: string }).url;
    this.audio.currentTime = this.place;
  }

  private seek(at: number): void {
    const place = Math.max(0, Math.min(this.seconds, at));
    if (this.audio.src) this.audio.currentTime = place;
    this.moved(place);
  }

  private moved(place: number): void {
    this.place = place;
    const x = String((place / Math.max(this.seconds, 0.1)) * WIDTH);
    for (const end of ["x1", "x2"]) this.one(".head").setAttribute(end, x);
    this.wave.setAttribute("aria-valuenow", String(Math.floor(place)));
    setText(this.one(".now"), duration(place));
  }

  private show(): void {
    const playing = !this.audio.paused && !this.audio.ended;
    this.section.classList.toggle("playing", playing);
    this.one(".pb").setAttribute("aria-label", words[playing ? "pause" : "play"] ?? "");
  }

  private key(event: KeyboardEvent): void {
    if (event.code === "Space") void this.toggle();
    else if (event.code === "ArrowLeft") this.seek(this.place - 5);
    else if (event.code === "ArrowRight") this.seek(this.place + 5);
    else return;
    event.preventDefault();
  }

  private one(selector: string): HTMLElement {
    return this.section.querySelector(selector) as HTMLElement;
  }

  private complain(): void {
    setText(this.one(".trouble"), words["away"] ?? "");
  }
}

/** Gives every small player below `root` its sound, once. */
export function wakeSounds(root: ParentNode): void {
  for (const section of root.querySelectorAll<HTMLElement>("[data-sound]:not(.awake)")) {
    section.classList.add("awake");
    void new Sound(section).draw();
  }
}
