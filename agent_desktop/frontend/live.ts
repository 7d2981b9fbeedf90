// The desk's WebSocket: a whole picture at the start, then what changed; comes back by itself.
import type { ServerClock } from "./page";

export interface DeskState {
  state: string;
  phase: string;
  shown: string;
  contact: string;
  leg: string;
  part: string;
  party: string;
  answers_itself: boolean;
  answers_with_tone: boolean;
  name: string;
  notice: string;
  guess: string;
  alert: string;
  wrap_up_until: number;
  own_phone: boolean;
  telephony_away: boolean;
}

export interface Picture {
  number: number;
  at: number;
  whole: boolean;
  desk: DeskState | { degraded: true };
  regions: Record<string, string>;
}

const BEAT_MS = 10_000;
const SILENCE_MS = 25_000;

export class Live {
  private socket: WebSocket | null = null;
  private tries = 0;
  private heard = 0;
  private beat = 0;

  constructor(
    private readonly clock: ServerClock,
    private readonly onPicture: (picture: Picture) => void,
    private readonly onLink: (up: boolean) => void,
  ) {}

  start(): void {
    this.connect();
    window.addEventListener("online", () => this.retryNow());
  }

  private connect(): void {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
    this.socket = socket;
    socket.onopen = () => {
      this.tries = 0;
      this.heard = Date.now();
      this.onLink(true);
      this.beat = window.setInterval(() => this.sendBeat(socket), BEAT_MS);
    };
    socket.onmessage = (message: MessageEvent<string>) => {
      this.heard = Date.now();
      const told = JSON.parse(message.data) as Picture | { beat: true };
      if ("beat" in told) return;
      this.clock.sync(told.at);
      this.onPicture(told);
    };
    socket.onclose = () => {
      window.clearInterval(this.beat);
      if (this.socket !== socket) return;
      this.onLink(false);
      this.tries += 1;
      // 1013 = we were too slow: the whole picture is what we need, at once.
      window.setTimeout(() => this.retryNow(), Math.min(10_000, 250 * 2 ** this.tries));
    };
  }

  private retryNow(): void {
    if (this.socket?.readyState === WebSocket.OPEN || this.socket?.readyState === WebSocket.CONNECTING) return;
    this.connect();
  }

  private sendBeat(socket: WebSocket): void {
    if (Date.now() - this.heard > SILENCE_MS) socket.close();
    else if (socket.readyState === WebSocket.OPEN) socket.send("beat");
  }
}
