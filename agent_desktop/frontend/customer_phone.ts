// The customer's telephone: one call at a time to the hotline, with keys, mute and hang-up.
import { UA, WebSocketInterface } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import { candidatesAreEnough, socketAddress } from "./phone_network";
import { ServerClock, duration, everySecond, pageWords, setText } from "./page";

interface Account {
  user: string;
  secret: string;
  domain: string;
  websocket_urls: string[];
  ice_servers: RTCIceServer[];
}

type Phase = "idle" | "starting" | "dialling" | "ringing" | "talking" | "ended";

const words = pageWords();
const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const number = byId<HTMLInputElement>("number");
const clock = new ServerClock();
let session: RTCSession | null = null;
let agent: UA | null = null;
let stopTimer = () => {};

function show(phase: Phase): void {
  document.body.dataset["call"] = phase;
  setText(byId("call-state"), words[phase] ?? phase);
  const live = phase !== "idle" && phase !== "ended";
  byId("call").hidden = live;
  byId("hang-up").hidden = !live;
  byId<HTMLButtonElement>("mute").disabled = phase !== "talking";
  byId<HTMLButtonElement>("erase").disabled = live;
  byId<HTMLSelectElement>("caller").disabled = live;
  number.readOnly = live;
}

function complain(reason: string): void {
  setText(byId("trouble"), reason ? (words[reason] ?? reason) : "");
}

/** The customer whom the visitor plays; somebody unknown keeps one new number as long as the tab lives. */
function caller(): string {
  const chosen = byId<HTMLSelectElement>("caller").value;
  if (chosen) return chosen;
  const known = sessionStorage.getItem("unknown-caller");
  const fresh = known ?? `+86199${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`;
  sessionStorage.setItem("unknown-caller", fresh);
  return fresh;
}

/** The track to send, or a reason why there is none. */
async function microphone(): Promise<MediaStream | string> {
  if (!navigator.mediaDevices) return "insecure";
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    return error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "no_microphone";
  }
}

async function newAccount(): Promise<Account> {
  const answer = await fetch("/phone/account", { method: "POST", headers: { accept: "application/json" } });
  const body = (await answer.json()) as Account & { message?: string };
  if (!answer.ok) throw new Error(body.message ?? words["away"]);
  return body;
}

async function call(): Promise<void> {
  const target = number.value.replace(/[^0-9+*#]/g, "");
  complain(target ? "" : "no_number");
  if (!target || session) return;
  show("starting");
  byId("keys").textContent = "";
  const stream = await microphone();
  if (typeof stream === "string") {
    show("idle");
    complain(stream);
    return;
  }
  try {
    dial(await newAccount(), target, stream);
  } catch (error) {
    stream.getTracks().forEach((track) => track.stop());
    show("idle");
    complain(error instanceof Error && !(error instanceof TypeError) ? error.message : "away");
  }
}

function dial(account: Account, target: string, stream: MediaStream): void {
  let others = account.websocket_urls.length - 1; // tried in turn when one Asterisk is away
  const ua = new UA({
    sockets: account.websocket_urls.map((url) => new WebSocketInterface(socketAddress(url))),
    connection_recovery_min_interval: 1,
    uri: `sip:${account.user}@${account.domain}`,
    password: account.secret,
    register: false,
    session_timers: false,
  });
  agent = ua;
  ua.on("disconnected", () => {
    if (agent !== ua || session?.isEstablished()) return; // the talk goes on without signalling; JsSIP reconnects
    if (!session && others-- > 0) return;
    finish("away", stream);
  });
  ua.on("connected", () => {
    if (session) return;
    session = ua.call(`sip:${target}@${account.domain}`, {
      mediaStream: stream,
      mediaConstraints: { audio: true, video: false },
      pcConfig: { iceServers: account.ice_servers },
      extraHeaders: [`P-Asserted-Identity: <sip:${caller()}@${account.domain}>`],
    });
    follow(session, stream, account.ice_servers);
  });
  show("dialling");
  ua.start();
}

function follow(current: RTCSession, stream: MediaStream, iceServers: RTCIceServer[]): void {
  current.on("icecandidate", candidatesAreEnough(iceServers));
  current.connection?.addEventListener("track", (event) => {
    byId<HTMLAudioElement>("far-end").srcObject = event.streams[0] ?? new MediaStream([event.track]);
  });
  current.on("progress", () => show("ringing"));
  current.on("accepted", () => {
    show("talking");
    const began = clock.now();
    stopTimer = everySecond(clock, (now) => setText(byId("timer"), duration(now - began)));
  });
  current.on("failed", (event) => finish(reasonOf(event.cause), stream));
  current.on("ended", () => finish("", stream));
}

function reasonOf(cause: string): string {
  if (cause === "Canceled") return "";
  if (cause === "Busy") return "busy";
  if (cause === "Not Found" || cause === "Rejected" || cause === "Address Incomplete") return "wrong_number";
  return "away";
}

function finish(reason: string, stream: MediaStream): void {
  stopTimer();
  stream.getTracks().forEach((track) => track.stop());
  session = null;
  const ended = agent;
  agent = null;
  ended?.stop();
  byId("mute").setAttribute("aria-pressed", "false");
  setText(byId("mute").querySelector("span"), words["mute"] ?? "");
  show("ended");
  complain(reason);
}

function press(key: string): void {
  if (session?.isEstablished()) {
    session.sendDTMF(key, { transportType: "RFC2833" as never });
    byId("keys").textContent = (byId("keys").textContent + key).slice(-16);
  } else if (!session) {
    number.value = (number.value + key).slice(0, 20);
  }
}

function toggleMute(): void {
  if (!session) return;
  const muted = !session.isMuted().audio;
  if (muted) session.mute({ audio: true });
  else session.unmute({ audio: true });
  byId("mute").setAttribute("aria-pressed", String(muted));
  setText(byId("mute").querySelector("span"), (muted ? words["unmute"] : words["mute"]) ?? "");
}

document.querySelectorAll<HTMLElement>("[data-key]").forEach((button) => {
  button.addEventListener("click", () => press(button.dataset["key"] ?? ""));
});
document.querySelectorAll<HTMLElement>("[data-number]").forEach((button) => {
  button.addEventListener("click", () => {
    if (session) return;
    number.value = button.dataset["number"] ?? "";
    void call();
  });
});
byId("call").addEventListener("click", () => void call());
byId("hang-up").addEventListener("click", () => (session ? session.terminate() : agent?.stop()));
byId("mute").addEventListener("click", toggleMute);
byId("erase").addEventListener("click", () => (number.value = number.value.slice(0, -1)));
document.addEventListener("keydown", (event) => {
  const typing = event.target === number && !number.readOnly;
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && event.target === number) void call();
  else if (!typing && /^[0-9*#]$/.test(event.key)) press(event.key);
});
addEventListener("pagehide", () => session?.terminate());
show("idle");
