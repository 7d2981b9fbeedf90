// How a phone in the browser finds its exchange, and how long it looks for ways through NAT.
import type { IceCandidateEvent } from "jssip/lib/RTCSession";

const RELAY_MS = 1000; // a relay that has not answered by then is away; the call begins by the ways that were found

/** What WebSocketInterface takes; a path is on this page's own origin, encrypted as the page is. */
export function socketAddress(given: string): string {
  if (!given.startsWith("/")) return given;
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${given}`;
}

/**
 * The listener that ends the search for ways. Waiting for all costs 110 ms of silence, so one of this machine is
 * enough in the office; where the site names servers it is the way by the last kind of them, a relay before a STUN.
 */
export function candidatesAreEnough(servers: RTCIceServer[]): (event: IceCandidateEvent) => void {
  const relays = servers.some((server) => [server.urls].flat().some((url) => url.startsWith("turn")));
  const enough = relays ? "relay" : servers.length > 0 ? "srflx" : "host";
  let timer = 0;
  return (event) => {
    const found = event.candidate;
    if (found.type === enough && (enough !== "host" || found.protocol === "udp")) event.ready();
    else if (timer === 0 && enough !== "host") {
      timer = window.setTimeout(() => {
        timer = 0;
        event.ready();
      }, RELAY_MS);
    }
  };
}
