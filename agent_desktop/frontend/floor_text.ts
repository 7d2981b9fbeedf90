// A leader reads the chosen agent's talk along: opened by hand, or with listening; each talk is on the audit log.
import { TextLines, TextSocket, type TextPush } from "./live_text";
import { say } from "./page";
import { words } from "./site";

export class FloorText {
  private socket: TextSocket | null = null;
  private agent = "";
  private last: TextPush | null = null;
  private closed = ""; // the agent whose text was closed by hand: listening does not open it again

  /** The panel was drawn for this agent; `listens` = the leader's phone is in this talk. */
  drawn(agent: string, listens: boolean): void {
    if (agent !== this.agent) this.stop();
    if (agent !== this.closed) this.closed = "";
    if (listens && !this.socket && this.closed !== agent) this.start(agent);
    this.show();
  }

  toggle(agent: string): void {
    if (!document.getElementById("floor-text")) return;
    if (this.socket) {
      this.closed = agent;
      this.stop();
    } else this.start(agent);
    this.show();
  }

  private start(agent: string): void {
    this.agent = agent;
    this.socket = new TextSocket(`/floor/text/${encodeURIComponent(agent)}`, (push) => this.take(push), () => this.cut());
  }

  private stop(): void {
    this.socket?.stop();
    this.socket = this.last = null;
    this.agent = "";
  }

  private take(push: TextPush): void {
    const fresh = push.leg !== this.last?.leg;
    const all = new Map(fresh ? [] : this.last?.lines.map((line) => [line.number, line]));
    for (const line of push.lines) all.set(line.number, line);
    this.last = { ...push, lines: [...all.values()] };
    this.show();
  }

  private show(): void {
    const place = document.getElementById("floor-text");
    if (!place) return;
    const open = this.socket !== null;
    place.hidden = !open;
    document.querySelector("[data-do=read]")?.setAttribute("aria-expanded", String(open));
    if (!open || !this.last) return;
    const lines = new TextLines(place);
    if (place.dataset["leg"] !== this.last.leg) lines.clear();
    place.dataset["leg"] = this.last.leg;
    lines.note(this.last.call ? this.last.note : say(words, "no_talk"));
    lines.draw(this.last.lines);
  }

  private cut(): void {
    const place = document.getElementById("floor-text");
    if (place && this.socket) new TextLines(place).note(say(words, "text_broken"));
  }
}
