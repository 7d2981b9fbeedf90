// What every page's script needs: words from the page, the CSRF token, the two live regions, timers that tick by themselves.

/** The sentences a script shows, translated on the server: <script type="application/json" id="words">. */
export function pageWords(): Record<string, string> {
  const block = document.getElementById("words");
  return block?.textContent ? (JSON.parse(block.textContent) as Record<string, string>) : {};
}

/** One translated sentence with its {gaps} filled. */
export function say(words: Record<string, string>, key: string, gaps: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(gaps[name] ?? whole));
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** Speaks once to a screen reader; "alert" interrupts, "status" waits. */
export function announce(text: string, region: "alert" | "status" = "status"): void {
  const target = document.getElementById(region);
  if (target) target.textContent = text;
}

/** 03:18 under an hour, 1:03:18 over; the same as formats.duration on the server. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** Server time now, in seconds: the page's clock may be wrong, the difference is measured from server instants. */
export class ServerClock {
  private ahead = 0;

  sync(serverSeconds: number): void {
    this.ahead = serverSeconds - Date.now() / 1000;
  }

  now(): number {
    return Date.now() / 1000 + this.ahead;
  }
}

/** Writes only what changed, so that nothing is repainted under a reader's eye. */
export function setText(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

/** Calls `tick` shortly after every full second of `clock`, until the returned function is called. */
export function everySecond(clock: ServerClock, tick: (now: number) => void): () => void {
  let timer = 0;
  const run = () => {
    const now = clock.now();
    tick(now);
    timer = window.setTimeout(run, 1010 - (now % 1) * 1000);
  };
  run();
  return () => window.clearTimeout(timer);
}
