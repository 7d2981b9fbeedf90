// One tab holds the phone. The newest may take it over; the other then says so and stays quiet.

type Note = { kind: "claim" | "held" | "take"; from: string };
const ANSWER_MS = 150;
const CHANNEL = "hotline-desk";

/** Whether a desk in any tab of this browser holds the phone. */
export async function phoneHeld(): Promise<boolean> {
  const channel = new BroadcastChannel(CHANNEL);
  const held = new Promise<boolean>((resolve) => {
    channel.onmessage = (message: MessageEvent<Note>) => { if (message.data.kind === "held") resolve(true); };
    window.setTimeout(() => resolve(false), ANSWER_MS);
  });
  channel.postMessage({ kind: "claim", from: crypto.randomUUID() } satisfies Note);
  return held.finally(() => channel.close());
}

export class TabLock {
  private readonly channel = new BroadcastChannel(CHANNEL);
  private readonly id = crypto.randomUUID();
  private holds = false;

  /** `lost` is called when another tab takes the phone. */
  constructor(private readonly lost: () => void) {
    this.channel.onmessage = (message: MessageEvent<Note>) => this.hear(message.data);
    window.addEventListener("pagehide", () => this.channel.close());
  }

  /** Whether the phone is free for this tab. */
  async claim(): Promise<boolean> {
    const held = new Promise<boolean>((resolve) => {
      const listen = (message: MessageEvent<Note>) => { if (message.data.kind === "held") resolve(true); };
      this.channel.addEventListener("message", listen);
      window.setTimeout(() => {
        this.channel.removeEventListener("message", listen);
        resolve(false);
      }, ANSWER_MS);
    });
    this.tell("claim");
    this.holds = !(await held);
    return this.holds;
  }

  take(): void {
    this.tell("take");
    this.holds = true;
  }

  private hear(note: Note): void {
    if (note.from === this.id || !this.holds) return;
    if (note.kind === "claim") this.tell("held");
    if (note.kind === "take") {
      this.holds = false;
      this.lost();
    }
  }

  private tell(kind: Note["kind"]): void {
    this.channel.postMessage({ kind, from: this.id } satisfies Note);
  }
}
