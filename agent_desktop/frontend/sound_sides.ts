// Whom one hears: customer left, agent right in the file; people listen with both ears to whom they chose.

export class Sides {
  private context: AudioContext | null = null;
  private gains: GainNode[] = [];
  private heard = "both";

  constructor(private readonly audio: HTMLAudioElement) {}

  /** Only after a person's own click or key: browsers keep a context silent that was made without one. */
  open(): void {
    if (this.context) return;
    this.context = new AudioContext();
    const split = this.context.createChannelSplitter(2);
    this.context.createMediaElementSource(this.audio).connect(split);
    this.gains = [0, 1].map((channel) => {
      const gain = this.context!.createGain();
      split.connect(gain, channel);
      gain.connect(this.context!.destination);
      return gain;
    });
    this.hear(this.heard);
    void this.context.resume();
  }

  /** "both", "customer" or "agent". */
  hear(side: string): void {
    this.heard = side;
    const [customer, agent] = this.gains;
    if (customer) customer.gain.value = side === "agent" ? 0 : 1;
    if (agent) agent.gain.value = side === "customer" ? 0 : 1;
  }
}
