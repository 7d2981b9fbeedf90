// The leader's phone on the floor page: it answers by itself when it is rung for listening, and rings for all else.
import { say, setText } from "./page";
import { Ringer } from "./ringer";
import { toast, words } from "./site";
import { Softphone, type Health } from "./softphone";
import { TabLock } from "./tab_lock";

/** What the site says of the reader's own phone. */
export interface Me {
  state: string;
  agent: string;
  mode: string;
  connected: boolean;
  since: number;
  call: string;
  phase: string;
  why: string;
  call_since: number;
}

const WORD_MS = 1500; // an INVITE of which the site says nothing must ring all the same

export class FloorPhone {
  private readonly ringer = new Ringer();
  private readonly phone: Softphone;
  private readonly lock = new TabLock(() => this.elsewhere());
  private me: Me | null = null;
  private told: (() => void) | null = null;

  constructor(voice: HTMLAudioElement) {
    this.phone = new Softphone(voice, {
      health: (health) => this.showHealth(health),
      invited: (agreed) => void this.invited(agreed),
      answered: () => {
        this.ringer.stop();
        this.microphone();
      },
      ended: () => this.ringer.stop(),
      muted: () => undefined,
    });
    for (const gesture of ["pointerdown", "keydown"]) {
      document.addEventListener(gesture, () => this.ringer.wake(), { once: true });
    }
  }

  async start(): Promise<void> {
    if (document.body.dataset["phone"] !== "connecting") return;
    if (await this.lock.claim()) await this.phone.start();
    else this.elsewhere();
  }

  seen(me: Me): void {
    this.me = me;
    if (me.agent || me.phase) this.told?.();
    if (me.phase !== "ringing") this.ringer.stop();
    this.microphone();
  }

  answer(): void {
    this.phone.answer();
  }

  decline(): void {
    this.phone.returnToQueue();
  }

  hangUp(): boolean {
    return this.phone.hangUp();
  }

  /** Who only listens has the microphone off; the platform lets nothing through then, either. */
  private microphone(): void {
    const silent = this.me?.mode === "listen";
    if (this.phone.inCall) this.phone.silence(silent);
    document.body.dataset["microphone"] = silent ? "off" : "on";
  }

  private async invited(agreedBefore: boolean): Promise<void> {
    if (agreedBefore) {
      this.phone.answer();
      this.ringer.soft();
      return;
    }
    await this.known();
    const agreed = Boolean(this.me?.agent) || (this.me?.phase && this.me.phase !== "ringing") || ["resume", "campaign"].includes(this.me?.why ?? "");
    if (agreed) {
      this.phone.answer();
      if (this.me?.why === "campaign" && this.me.phase === "ringing") this.ringer.soft();
    } else if (this.phone.ringing) this.ringer.start();
  }

  private known(): Promise<void> {
    if (this.me?.agent || this.me?.phase) return Promise.resolve();
    return new Promise((resolve) => {
      this.told = resolve;
      window.setTimeout(resolve, WORD_MS);
    });
  }

  private elsewhere(): void {
    this.phone.stop();
    document.body.dataset["phone"] = "elsewhere";
    setText(document.getElementById("health-word"), say(words, "phone_elsewhere"));
  }

  private showHealth(health: Health): void {
    document.body.dataset["phone"] = health;
    const word = { connecting: "phone_connecting", ok: "phone_ok", lost: "phone_lost", "no-microphone": "no_microphone" }[health];
    setText(document.getElementById("health-word"), say(words, word));
    if (health === "no-microphone") toast(say(words, "microphone_needed"));
  }
}
