// Where nobody speaks, read from the waveform.
import type { Peaks } from "./recording_wave";

const QUIET = 0.02; // of full level; line noise of a telephone lies below
const LEAST = 2; // seconds: shorter ones are how people talk

/** [from, to) in seconds, without the first and last half second, so that no word is cut. */
export function silences(peaks: Peaks): [number, number][] {
  const count = Math.max(peaks.customer.length, peaks.agent.length);
  const step = peaks.seconds / Math.max(1, count);
  const found: [number, number][] = [];
  let from = -1;
  for (let at = 0; at <= count; at += 1) {
    const quiet = at < count && (peaks.customer[at] ?? 0) < QUIET && (peaks.agent[at] ?? 0) < QUIET;
    if (quiet && from < 0) from = at;
    if (!quiet && from >= 0) {
      if ((at - from) * step >= LEAST) found.push([from * step + 0.5, at * step - 0.5]);
      from = -1;
    }
  }
  return found;
}
