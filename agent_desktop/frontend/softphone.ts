// The phone in the browser. Its secret lives in this object only and is given anew for each page.
import { UA, WebSocketInterface } from "jssip";
import type { DTMFOptions, RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent, OutgoingRTCSessionEvent } from "jssip/lib/UA";
import { candidatesAreEnough, socketAddress } from "./phone_network";
import { ask } from "./site";

interface Account {
  user: string;
  secret: string;
  domain: string;
  websocket_urls: string[]; // of each Asterisk of the site: whichever has the caller rings us
  ice_servers: RTCIceServer[];
  expires_at: number;
  name: string;
}

export type Health = "connecting" | "ok" | "lost" | "no-microphone";

export interface PhoneListener {
  health(health: Health, milliseconds: number | null): void;
  /** `agreed`: our exchange says that this call is answered at once, before the site has drawn who it is. */
  invited(agreed: boolean): void;
  answered(): void;
  ended(): void;
  muted(muted: boolean): void;
}

const STATS_MS = 5000;
const DEAF_MS = 1500;
const RETRY_MS = 2000;
const ANSWER_MS = 2500;
const LONGEST_ANSWER_MS = 32_000; // JsSIP gives up by itself then

export class Softphone {
  private patience = ANSWER_MS;
  private lines: UA[] = [];
  private readonly failed = new Set<UA>();
  private session: RTCSession | null = null;
  private microphone: MediaStream | null = null;
  private statsTimer = 0;
  private retryTimer = 0;
  private connectedAt = 0;
  private iceServers: RTCIceServer[] = [];
  private stopped = true;

  constructor(private readonly voice: HTMLAudioElement, private readonly listener: PhoneListener) {}

  get ringing(): boolean {
    return this.session !== null && !this.session.isEstablished() && !this.session.isEnded();
  }

  get inCall(): boolean {
    return this.session?.isEstablished() ?? false;
  }

  /** Registers with a new secret; tries again by itself until `stop`. */
  async start(): Promise<void> {
    this.stopped = false;
    this.listener.health("connecting", null);
    try {
      await this.openMicrophone();
    } catch {
      this.listener.health("no-microphone", null);
      return;
    }
    try {
      this.register(await ask<Account>("POST", "/api/phone/account"));
    } catch {
      this.listener.health("lost", null);
      this.startLater();
    }
  }

  stop(): void {
    this.stopped = true;
    window.clearTimeout(this.retryTimer);
    window.clearInterval(this.statsTimer);
    for (const line of this.lines) line.stop();
    this.lines = [];
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.microphone = null;
  }

  /** The microphone stays open between calls: opening it takes up to a second of the customer's time. */
  async openMicrophone(): Promise<void> {
    if (this.microphone?.active) return;
    this.microphone = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
    const track = this.microphone.getAudioTracks()[0];
    if (track) track.onended = () => { this.listener.health("no-microphone", null); };
    await this.warmUp(this.microphone);
  }

  /** The first connection of a page takes 300 ms longer than all others: that time is no customer's. */
  private async warmUp(microphone: MediaStream): Promise<void> {
    const first = new RTCPeerConnection({ iceServers: [] });
    try {
      for (const track of microphone.getAudioTracks()) first.addTrack(track, microphone);
      await first.setLocalDescription(await first.createOffer());
    } catch {
      return; // the call itself will tell what is wrong
    } finally {
      first.close();
    }
  }

  answer(): void {
    const session = this.session;
    if (!session || session.isEstablished() || session.isEnded() || !this.microphone) return;
    session.answer({ mediaStream: this.microphone, pcConfig: { iceServers: this.iceServers } });
  }

  /** 603 tells the platform that the agent declined; the caller keeps the place. */
  returnToQueue(): void {
    if (this.session && !this.session.isEstablished()) this.session.terminate({ status_code: 603, reason_phrase: "Decline" });
  }

  hangUp(): boolean {
    if (!this.session || this.session.isEnded()) return false;
    this.session.terminate();
    return true;
  }

  toggleHold(): void {
    if (!this.session?.isEstablished()) return;
    if (this.session.isOnHold().local) this.session.unhold();
    else this.session.hold();
  }

  toggleMute(): void {
    if (!this.session?.isEstablished()) return;
    const muted = this.session.isMuted().audio ?? false;
    if (muted) this.session.unmute({ audio: true });
    else this.session.mute({ audio: true });
    this.listener.muted(!muted);
  }

  /** Microphone off or on, whatever it was. */
  silence(silent: boolean): void {
    if (!this.session?.isEstablished() || (this.session.isMuted().audio ?? false) === silent) return;
    if (silent) this.session.mute({ audio: true });
    else this.session.unmute({ audio: true });
  }

  sendKey(key: string): void {
    const options = { transportType: "RFC2833", duration: 100 } as unknown as DTMFOptions;
    if (this.session?.isEstablished()) this.session.sendDTMF(key, options);
  }

  private register(account: Account): void {
    this.failed.clear();
    this.iceServers = account.ice_servers;
    this.lines = account.websocket_urls.map((url) => this.line(account, url));
    for (const line of this.lines) line.start();
  }

  private line(account: Account, url: string): UA {
    const line = new UA({
      sockets: [new WebSocketInterface(socketAddress(url))],
      uri: `sip:${account.user}@${account.domain}`,
      password: account.secret,
      display_name: account.name,
      register_expires: 60,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 3, // after a restart of the exchange callers wait for us
    });
    line.on("connected", () => {
      this.connectedAt = performance.now();
      window.setTimeout(() => this.unanswered(line), this.patience);
    });
    line.on("registered", () => {
      this.patience = ANSWER_MS;
      this.listener.health("ok", this.sinceConnected());
    });
    line.on("disconnected", () => this.lost());
    line.on("unregistered", () => this.lost());
    line.on("registrationFailed", () => {
      line.stop();
      this.lost();
      this.registerLater(line);
    });
    line.on("newRTCSession", (event: IncomingRTCSessionEvent | OutgoingRTCSessionEvent) => {
      if ((event.originator as string) !== "remote") return;
      const info = (event as IncomingRTCSessionEvent).request.getHeader("Call-Info") ?? "";
      this.invited(event.session, info.endsWith(";answer-after=0"));
    });
    return line;
  }

  /**
   * What came while the exchange was still loading is answered by nobody, and JsSIP waits 32 s for the answer.
   * A talk that is heard shows an exchange that is only slow: to begin anew would end it.
   */
  private unanswered(line: UA): void {
    if (this.stopped || !this.lines.includes(line) || this.failed.has(line)) return;
    if (!line.isConnected() || line.isRegistered()) return;
    if (this.session && !this.session.isEnded() && this.hears(this.session)) return;
    this.patience = Math.min(2 * this.patience, LONGEST_ANSWER_MS);
    line.stop();
    this.lost();
    this.registerLater(line);
  }

  private sinceConnected(): number | null {
    const took = this.connectedAt ? Math.round(performance.now() - this.connectedAt) : null;
    this.connectedAt = 0;
    return took;
  }

  private lost(): void {
    if (!this.stopped && !this.lines.some((line) => line.isRegistered())) this.listener.health("lost", null);
  }

  /** A new secret would cut off the lines that have the old one: only when all were refused. */
  private registerLater(line: UA): void {
    this.failed.add(line);
    if (this.lines.every((one) => this.failed.has(one))) {
      this.startLater();
      return;
    }
    window.setTimeout(() => {
      if (!this.stopped && this.failed.delete(line)) line.start();
    }, RETRY_MS);
  }

  private startLater(): void {
    window.clearTimeout(this.retryTimer);
    if (!this.stopped) this.retryTimer = window.setTimeout(() => void this.start(), RETRY_MS);
  }

  private invited(session: RTCSession, agreed: boolean): void {
    if (this.session && !this.session.isEnded()) {
      if (this.hears(this.session)) {
        session.terminate({ status_code: 486 });
        return;
      }
      // The exchange was started anew: it knows nothing of the old call, which would refuse all new ones for ever.
      const dead = this.session;
      this.over(dead);
      dead.terminate();
    }
    this.session = session;
    session.on("icecandidate", candidatesAreEnough(this.iceServers));
    session.on("peerconnection", (event) => {
      event.peerconnection.ontrack = (track) => {
        this.voice.srcObject = track.streams[0] ?? new MediaStream([track.track]);
      };
    });
    session.on("confirmed", () => { this.watchQuality(session); this.listener.answered(); });
    const over = () => this.over(session);
    session.on("ended", over);
    session.on("failed", over);
    this.listener.invited(agreed);
  }

  private hears(session: RTCSession): boolean {
    if (!session.isEstablished() || session.isOnHold().local) return true;
    const receiver = (session.connection as RTCPeerConnection | null)?.getReceivers()[0];
    const last = receiver?.getSynchronizationSources()[0]?.timestamp ?? 0;
    const clock = last > performance.timeOrigin / 2 ? performance.timeOrigin : 0; // browsers count from either
    return clock + performance.now() - last < DEAF_MS;
  }

  private over(session: RTCSession): void {
    if (this.session !== session) return;
    this.session = null;
    this.voice.srcObject = null;
    window.clearInterval(this.statsTimer);
    this.listener.muted(false);
    this.listener.ended();
  }

  private watchQuality(session: RTCSession): void {
    window.clearInterval(this.statsTimer);
    this.statsTimer = window.setInterval(() => void this.measure(session), STATS_MS);
  }

  private async measure(session: RTCSession): Promise<void> {
    const stats = await (session.connection as RTCPeerConnection | null)?.getStats();
    stats?.forEach((row: { type: string; nominated?: boolean; currentRoundTripTime?: number }) => {
      if (row.type === "candidate-pair" && row.nominated && row.currentRoundTripTime !== undefined) {
        this.listener.health("ok", Math.round(row.currentRoundTripTime * 1000));
      }
    });
  }
}
