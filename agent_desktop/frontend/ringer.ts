// Tones made in the page: the ring, 2 s on and 3 s off, and one soft tone before after-call work ends.

const ON_SECONDS = 2;
const CYCLE_SECONDS = 5;

export class Ringer {
  private context: AudioContext | null = null;
  private timer = 0;
  private playing: AudioScheduledSourceNode[] = [];
  private volume = 0.6;

  /** Browsers let a page sound only after a click or key: called on the first one. */
  wake(): void {
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") void this.context.resume();
  }

  get ringing(): boolean {
    return this.timer !== 0;
  }

  start(): void {
    if (this.ringing) return;
    this.wake();
    this.volume = 0.6;
    this.ringOnce();
    this.timer = window.setInterval(() => this.ringOnce(), CYCLE_SECONDS * 1000);
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    for (const source of this.playing) source.stop();
    this.playing = [];
  }

  /** One soft tone of a third of a second. */
  soft(): void {
    this.wake();
    this.tone(660, 0, 0.35, 0.12);
  }

  private ringOnce(): void {
    this.playing = [];
    for (let at = 0; at < ON_SECONDS; at += 0.5) {
      this.tone(784, at, 0.22, 0.25 * this.volume);
      this.tone(988, at + 0.25, 0.22, 0.25 * this.volume);
    }
    this.volume = Math.min(1, this.volume + 0.15);
  }

  private tone(hertz: number, after: number, seconds: number, loudness: number): void {
    const context = this.context;
    if (!context) return;
    const begin = context.currentTime + after;
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, begin);
    gain.gain.linearRampToValueAtTime(loudness, begin + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, begin + seconds);
    const source = new OscillatorNode(context, { frequency: hertz });
    source.connect(gain).connect(context.destination);
    source.start(begin);
    source.stop(begin + seconds);
    this.playing.push(source);
  }
}
