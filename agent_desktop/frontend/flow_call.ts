// A menu heard on one's own phone: the browser's phone is opened for it, answers by itself, and keys go to the menu.
import { announce, say } from "./page";
import { ask, words } from "./site";
import { Softphone, type Health } from "./softphone";
import { TabLock } from "./tab_lock";

const CONNECT_MS = 10_000;
const RING_MS = 35_000; // the phone is rung for 30 s
const KEYS = "0123456789*#";

type State = "idle" | "preparing" | "ringing" | "listening";

class TrialPhone {
  private readonly call: HTMLButtonElement;
  private readonly end: HTMLButtonElement;
  private readonly told: HTMLOutputElement;
  private readonly pad: HTMLElement;
  private readonly lock = new TabLock(() => this.over("elsewhere"));
  private readonly phone: Softphone;
  private registered: (health: Health) => void = () => undefined;
  private state: State = "idle";
  private open = false;
  private timer = 0;

  constructor(private readonly box: HTMLElement) {
    this.call = this.part("[data-call]");
    this.end = this.part("[data-end]");
    this.told = this.part("output");
    this.pad = this.part(".keypad");
    this.phone = new Softphone(this.part<HTMLAudioElement>("audio"), {
      health: (health) => this.registered(health),
      invited: () => { if (this.state === "preparing" || this.state === "ringing") this.phone.answer(); },
      answered: () => this.show("listening"),
      ended: () => this.over("over"),
      muted: () => undefined,
    });
    this.call.addEventListener("click", () => void this.begin());
    this.end.addEventListener("click", () => this.hangUp());
    this.pad.addEventListener("click", (event) => {
      const key = (event.target as HTMLElement).closest<HTMLElement>("[data-key]")?.dataset["key"];
      if (key) this.press(key);
    });
    document.addEventListener("keydown", (event) => this.typed(event));
  }

  private part<E extends HTMLElement>(selector: string): E {
    const found = this.box.querySelector<E>(selector);
    if (!found) throw new Error(`no ${selector}`);
    return found;
  }

  private get fixed(): boolean {
    return this.box.dataset["phone"] === "fixed";
  }

  private async begin(): Promise<void> {
    this.show("preparing");
    try {
      if (!this.fixed && !(await this.connected())) return;
      const walk = new FormData(document.querySelector<HTMLFormElement>("form.walker") ?? undefined);
      const word = (name: string) => String(walk.get(name) ?? "");
      await ask("POST", `/flows/${this.box.dataset["flow"]}/call`, {
        language: word("language"),
        closed: word("closed") === "true",
        customer_class: word("customer_class"),
        entry: word("entry"),
      });
      if (this.state === "preparing") this.show("ringing");
    } catch (refused) {
      this.over("", refused instanceof Error ? refused.message : String(refused));
    }
  }

  /** The phone stays open for the next trial on this page. */
  private async connected(): Promise<boolean> {
    if (this.open) return true;
    if (!(await this.lock.claim())) return this.over("elsewhere");
    const health = await new Promise<Health>((resolve) => {
      this.registered = (now) => { if (now !== "connecting") resolve(now); };
      window.setTimeout(() => resolve("lost"), CONNECT_MS);
      void this.phone.start();
    });
    this.registered = (now) => { if (now === "lost" && this.state !== "idle") this.over("phone_lost"); };
    this.open = health === "ok";
    if (!this.open) this.phone.stop();
    return this.open || this.over(health === "no-microphone" ? "microphone_needed" : "phone_lost");
  }

  private hangUp(): void {
    if (!this.phone.hangUp()) void ask("POST", `/flows/${this.box.dataset["flow"]}/call/end`).catch(() => undefined);
    this.over("over");
  }

  private press(key: string): void {
    if (this.state === "listening") this.phone.sendKey(key);
  }

  private typed(event: KeyboardEvent): void {
    const writing = (event.target as HTMLElement).closest("input, select, textarea");
    if (this.state !== "listening" || writing || !KEYS.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.press(event.key);
  }

  private over(word: string, sentence = word && say(words, word)): false {
    this.show("idle", sentence);
    return false;
  }

  private show(state: State, sentence = state === "idle" ? "" : say(words, state)): void {
    const before = this.state;
    this.state = state;
    this.box.dataset["state"] = state;
    this.told.value = sentence;
    announce(sentence);
    this.call.hidden = state !== "idle";
    this.end.hidden = state === "idle" || state === "preparing";
    this.pad.hidden = state !== "listening" || this.fixed;
    window.clearTimeout(this.timer);
    if (state === "ringing" && !this.fixed) this.timer = window.setTimeout(() => this.over("phone_lost"), RING_MS);
    if (state === "listening") this.end.focus();
    else if (state === "idle" && before !== "idle") this.call.focus();
  }
}

const box = document.querySelector<HTMLElement>(".call-it");
if (box?.querySelector("[data-call]")) new TrialPhone(box);
