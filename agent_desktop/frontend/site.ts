// Asking our own site: JSON in, JSON out, the session's token with every change.
import { csrfToken, pageWords, say } from "./page";

export const words = pageWords();

/** What the site refused, in the reader's language; `field` names the entry that cannot be used. */
export class Refusal extends Error {
  constructor(message: string, readonly status: number, readonly field: string = "") {
    super(message);
  }
}

export async function ask<T>(method: "GET" | "POST" | "PUT", path: string, body?: object, keepalive = false): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    headers["X-CSRF-Token"] = csrfToken();
  }
  const init: RequestInit = { method, headers, keepalive, cache: "no-store" };
  if (method !== "GET") init.body = JSON.stringify(body ?? {});
  let answer: Response;
  try {
    answer = await fetch(path, init);
  } catch {
    throw new Refusal(say(words, "no_answer_from_site"), 0);
  }
  const told = (await answer.json().catch(() => ({}))) as { message?: string; field?: string };
  if (answer.status === 401) location.assign("/login?next=/desk");
  if (!answer.ok) throw new Refusal(told.message ?? say(words, "no_answer_from_site"), answer.status, told.field ?? "");
  return told as T;
}

let toastTimer = 0;

/** The one message at the bottom left: what a person did was refused, and why. */
export function toast(text: string): void {
  const target = document.getElementById("toast");
  if (!target) return;
  target.textContent = text;
  window.clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => { target.textContent = ""; }, 5000);
}

/** What this toast said is over; another one stays. */
export function takeBack(text: string): void {
  const target = document.getElementById("toast");
  if (target?.textContent === text) target.textContent = "";
}

/** Runs what a person asked for; a refusal becomes the toast. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (refused) {
    toast(refused instanceof Error ? refused.message : String(refused));
    return false;
  }
}
