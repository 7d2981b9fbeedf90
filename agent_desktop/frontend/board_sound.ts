// A figure that turns red is heard, on a screen where somebody switched sound on; silence lasts until the red is over.
import type { Limit } from "./board_model";
import type { Tones } from "./board_paint";
import { words } from "./board_parts";
import { setText } from "./page";

const KEY = "hotline:board-sound";
const AGAIN_SECONDS = 30;

interface Kept {
  on: boolean;
  volume: number;
}

export class RedSound {
  private context: AudioContext | null = null;
  private kept: Kept = { on: false, volume: 50 };
  private silenced = new Set<Limit>();
  private red = new Map<Limit, number>();
  private readonly button = document.getElementById("sound");
  private readonly volume = document.getElementById("volume") as HTMLInputElement | null;
  private readonly silence = document.getElementById("silence");

  constructor(private readonly sounds: Limit[]) {
    if (!this.button) return;
    try {
      this.kept = { ...this.kept, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Kept>) };
    } catch {
      // what cannot be read was not ours
    }
    if (this.volume) this.volume.value = String(this.kept.volume);
    this.button.addEventListener("click", () => this.change({ on: !this.kept.on }, true));
    this.volume?.addEventListener("change", () => this.change({ volume: Number(this.volume?.value) }, true));
    this.silence?.addEventListener("click", () => this.beSilent());
    this.change({}, false);
  }

  /** The colours of this moment: what has just turned red is played, and again while it stays red. */
  hear(tones: Tones, now: number): void {
    for (const name of this.sounds) {
      if (tones[name] !== "breach") {
        this.red.delete(name);
        this.silenced.delete(name);
      } else if (!this.silenced.has(name) && now - (this.red.get(name) ?? 0) >= AGAIN_SECONDS) {
        this.red.set(name, now);
        this.play();
      }
    }
    const heard = this.kept.on && [...this.red.keys()].some((name) => !this.silenced.has(name));
    if (this.silence) this.silence.hidden = !heard;
  }

  private beSilent(): void {
    for (const name of this.red.keys()) this.silenced.add(name);
    if (this.silence) this.silence.hidden = true;
  }

  private change(what: Partial<Kept>, play: boolean): void {
    this.kept = { ...this.kept, ...what };
    localStorage.setItem(KEY, JSON.stringify(this.kept));
    this.button?.setAttribute("aria-pressed", String(this.kept.on));
    setText(this.button?.querySelector("span") ?? null, words[this.kept.on ? "sound_on" : "sound_off"] ?? "");
    const field = document.getElementById("volume-field");
    if (field) field.hidden = !this.kept.on;
    if (play && this.kept.on) this.play();
  }

  /** Two falling notes; a browser that was never clicked stays silent. */
  private play(): void {
    document.body.dataset["sounded"] = String(Number(document.body.dataset["sounded"] ?? 0) + Number(this.kept.on));
    if (!this.kept.on) return;
    this.context ??= new AudioContext();
    void this.context.resume();
    [880, 660].forEach((hertz, index) => this.note(hertz, index * 0.22));
  }

  private note(hertz: number, after: number): void {
    const context = this.context as AudioContext;
    const at = context.currentTime + after;
    const loud = context.createGain();
    const tone = new OscillatorNode(context, { frequency: hertz });
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime((this.kept.volume / 100) ** 2, at + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
    tone.connect(loud).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.21);
  }
}
