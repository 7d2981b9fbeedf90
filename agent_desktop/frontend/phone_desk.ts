// The phone on the desk: its health beside the call bar, ringing after the card is painted, answering by itself.
import type { DeskState } from "./live";
import { announce, say, setText } from "./page";
import { nextFrame, painted } from "./regions";
import { Ringer } from "./ringer";
import { ask, attempt, takeBack, toast, words } from "./site";
import { Softphone, type Health } from "./softphone";

const CARD_MS = 1000; // an INVITE whose card does not come must ring all the same
const TWICE_MS = 2000;
const NEVER = Number.NEGATIVE_INFINITY; // with 0, the first key within two seconds of loading the page would be the second

export class PhoneDesk {
  readonly ringer = new Ringer();
  private readonly phone: Softphone;
  private desk: DeskState | null = null;
  private arrived: (() => void) | null = null;
  private endedLeg = ""; // what the site still says of it may be older than its end
  private hangUpAskedAt = NEVER;
  private plainTitle = document.title;
  private notification: Notification | null = null;

  constructor() {
    const voice = document.getElementById("voice") as HTMLAudioElement;
    this.phone = new Softphone(voice, {
      health: (health, milliseconds) => this.showHealth(health, milliseconds),
      invited: (agreed) => void this.invited(agreed),
      answered: () => {
        document.body.classList.remove("returning");
        this.quiet();
      },
      ended: () => {
        this.endedLeg = this.desk?.leg ?? "";
        this.quiet();
      },
      muted: (muted) => { document.body.classList.toggle("muted", muted); },
    });
    for (const gesture of ["pointerdown", "keydown"]) {
      document.addEventListener(gesture, () => this.wake(), { once: true });
    }
  }

  get phoneRings(): boolean {
    return this.phone.ringing;
  }

  start(): Promise<void> {
    // A page loaded in a call gets it back: the platform calls this phone again once it is registered.
    const inCall = ["talking", "hold", "consulting", "conference"].includes(document.body.dataset["call"] ?? "");
    document.body.classList.toggle("returning", inCall && !this.phone.inCall);
    return this.phone.start();
  }

  stop(): void {
    this.phone.stop();
    this.quiet();
    document.body.dataset["phone"] = "elsewhere";
    setText(document.getElementById("health-word"), say(words, "phone_elsewhere"));
  }

  /** What the site says of the desk now; a ringing phone may wait for it. */
  seen(desk: DeskState): void {
    const before = this.desk;
    this.desk = desk;
    if (desk.leg !== this.endedLeg) this.endedLeg = "";
    if (this.saysWhoCalls) this.arrived?.();
    if (desk.phase !== "ringing") this.quiet();
    if (!desk.phase) document.body.classList.remove("returning");
    if (before?.phase && !desk.phase) takeBack(say(words, "hang_up_again"));
    if (desk.phase === "ringing" && desk.answers_itself && !desk.answers_with_tone) document.body.classList.add("returning");
    if (desk.phase === "ringing" && before?.leg !== desk.leg && !desk.answers_itself) {
      performance.mark("hotline:card", { detail: desk.contact });
      this.announceCall(desk);
    }
  }

  answer(): void {
    this.quiet();
    this.phone.answer();
  }

  returnOrHangUp(): void {
    // What the site says may be older than what this phone knows: an answered call is hung up, not declined.
    if (this.desk?.phase === "ringing" && !this.phone.inCall) this.returnToQueue();
    else if (this.desk?.phase || this.phone.inCall) {
      if (performance.now() - this.hangUpAskedAt < TWICE_MS) return this.hangUp();
      this.hangUpAskedAt = performance.now();
      toast(say(words, "hang_up_again"));
    }
  }

  returnToQueue(): void {
    this.quiet();
    this.phone.returnToQueue();
  }

  hangUp(): void {
    this.hangUpAskedAt = NEVER;
    takeBack(say(words, "hang_up_again"));
    // With a second party in the call the site decides what the end of this phone means for the customer.
    const several = ["consulting", "conference"].includes(this.desk?.phase ?? "") || this.desk?.part === "consulted";
    if (several || !this.phone.hangUp()) void attempt(() => ask("POST", "/api/call/hang-up"));
  }

  hold(): void {
    this.phone.toggleHold();
  }

  mute(): void {
    this.phone.toggleMute();
  }

  key(key: string): void {
    this.phone.sendKey(key);
  }

  async checkHeadset(): Promise<void> {
    this.phone.stop();
    await this.phone.start();
    this.ringer.soft();
  }

  private async invited(agreed: boolean): Promise<void> {
    performance.mark("hotline:invite");
    if (agreed) return this.answerFor();
    await this.cardArrived();
    // The site says who is behind this INVITE: an outgoing call, or a call that we come back to, is answered at once.
    // So is a campaign's customer, of whom a tone tells: the agent did not ask for this call.
    if (this.desk?.answers_itself) {
      if (this.desk.answers_with_tone) this.answerFor();
      else this.phone.answer();
      return;
    }
    await painted();
    performance.mark("hotline:painted", { detail: this.desk?.contact ?? "" });
    await nextFrame(); // the tone begins when the painted frame is surely on the screen
    if (!this.phone.ringing) return;
    this.ringer.start();
    document.body.dataset["tone"] = "on";
    performance.mark("hotline:tone", { detail: this.desk?.contact ?? "" });
  }

  /** A campaign's customer has just said hello: the card is drawn while the two are connected. */
  private answerFor(): void {
    this.phone.answer();
    this.ringer.soft();
    performance.mark("hotline:answered-for", { detail: this.desk?.contact ?? "" });
  }

  private get saysWhoCalls(): boolean {
    return Boolean(this.desk?.phase || this.desk?.answers_itself) && this.endedLeg === "";
  }

  private cardArrived(): Promise<void> {
    if (this.saysWhoCalls) return Promise.resolve();
    return new Promise((resolve) => {
      this.arrived = resolve;
      window.setTimeout(resolve, CARD_MS);
    });
  }

  private announceCall(desk: DeskState): void {
    announce(desk.alert, "alert");
    document.title = `☎ ${desk.notice}`;
    if (document.hidden && "Notification" in window && Notification.permission === "granted") {
      this.notification = new Notification(`☎ ${desk.notice}`, { body: desk.guess, tag: desk.contact, requireInteraction: true });
      this.notification.onclick = () => window.focus();
    }
  }

  private quiet(): void {
    this.ringer.stop();
    delete document.body.dataset["tone"];
    document.title = this.plainTitle;
    this.notification?.close();
    this.notification = null;
  }

  private wake(): void {
    this.ringer.wake();
    if ("Notification" in window && Notification.permission === "default") void Notification.requestPermission();
  }

  private showHealth(health: Health, milliseconds: number | null): void {
    document.body.dataset["phone"] = health;
    if (health !== "lost") delete document.body.dataset["lostSince"];
    else document.body.dataset["lostSince"] ??= String(Date.now() / 1000);
    const word = { connecting: "phone_connecting", ok: "phone_ok", lost: "phone_lost", "no-microphone": "no_microphone" }[health];
    setText(document.getElementById("health-word"), say(words, word));
    if (milliseconds !== null) setText(document.getElementById("health-note"), `${milliseconds} ms`);
    else if (health !== "ok") setText(document.getElementById("health-note"), "");
    if (health === "no-microphone") toast(say(words, "microphone_needed"));
  }
}
