// The recording player: the waveform from peaks made on the server, sound through a link that is asked for (and logged) at the first play.
import WaveSurfer from "wavesurfer.js";
import { csrfToken, duration, pageWords, setText } from "./page";
import { Sides } from "./sound_sides";

interface Peaks {
  seconds: number;
  customer: number[];
  agent: number[];
}

const words = pageWords();
const STEP = 5;

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function voice(name: string): { waveColor: string; progressColor: string; height: number } {
  return { waveColor: `color-mix(in srgb, ${token(name)} 45%, ${token("--surface-2")})`, progressColor: token(name), height: 76 };
}

class Player {
  private readonly audio = new Audio();
  private readonly sides = new Sides(this.audio);
  private wave: WaveSurfer | null = null;
  private seconds = 0;
  private place = 0;
  private opening: Promise<void> | null = null;

  constructor(private readonly section: HTMLElement) {
    this.audio.preload = "none";
    this.one(".pb").addEventListener("click", () => void this.toggle());
    this.one(".back").addEventListener("click", () => this.seek(this.place - STEP));
    this.one(".forward").addEventListener("click", () => this.seek(this.place + STEP));
    this.group(".speed button", (button) => (this.audio.playbackRate = Number(button.dataset["speed"])));
    this.group(".side button", (button) => this.sides.hear(button.dataset["side"] ?? "both"));
    section.addEventListener("keydown", (event) => this.key(event));
    this.audio.addEventListener("timeupdate", () => this.moved(this.audio.currentTime));
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.show());
    this.audio.addEventListener("error", () => this.complain());
  }

  async draw(): Promise<void> {
    const answer = await fetch(`/recordings/${this.section.dataset["recording"]}/peaks`, { headers: { accept: "application/json" } });
    if (!answer.ok) return this.complain();
    const peaks = (await answer.json()) as Peaks;
    this.seconds = peaks.seconds;
    this.wave = WaveSurfer.create({
      container: this.one(".wave"),
      peaks: [peaks.customer, peaks.agent],
      duration: peaks.seconds,
      splitChannels: [voice("--chart-customer"), voice("--chart-agent")],
      cursorColor: token("--ink"),
      cursorWidth: 2,
      barWidth: 2,
      barGap: 1,
      barRadius: 1,
      barMinHeight: 1,
      normalize: true,
      interact: true,
      hideScrollbar: true,
      cspNonce: document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? "",
    });
    this.wave.on("interaction", (at: number) => this.seek(at));
    for (const mark of this.section.querySelectorAll<HTMLElement>(".marks [data-at]")) {
      mark.style.left = `${(100 * Number(mark.dataset["at"])) / Math.max(1, peaks.seconds)}%`;
    }
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
    try {
      await this.open();
      if (this.place >= this.seconds - 0.05) this.seek(0);
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
    this.wave?.setTime(place);
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
    const onButton = event.target instanceof HTMLButtonElement;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.code === "Space" && !onButton) void this.toggle();
    else if (event.code === "ArrowLeft") this.seek(this.place - STEP);
    else if (event.code === "ArrowRight") this.seek(this.place + STEP);
    else return;
    event.preventDefault();
  }

  private group(selector: string, chosen: (button: HTMLButtonElement) => void): void {
    const buttons = [...this.section.querySelectorAll<HTMLButtonElement>(selector)];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        buttons.forEach((other) => other.setAttribute("aria-checked", String(other === button)));
        chosen(button);
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

for (const section of document.querySelectorAll<HTMLElement>("[data-recording]")) {
  if (section.querySelector(".wave")) void new Player(section).draw();
}
