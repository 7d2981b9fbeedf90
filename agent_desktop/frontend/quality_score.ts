// The score of a talk from its marks: the same sums in whole numbers as crm_core/quality/scoring.py.
export const SKIPPED = -1;

export interface Scale {
  criteria: { id: string; steps: number[]; skippable: boolean }[];
  knockouts: { id: string; cap: number }[];
}

/** Tenths of a point from 0 to 1000, null = nothing is marked; `missing` are criteria without a mark. */
export function score(scale: Scale, points: Record<string, number>, knocked: string[]): { tenths: number | null; missing: string[]; capped: boolean } {
  let given = 0;
  let possible = 0;
  const missing: string[] = [];
  for (const one of scale.criteria) {
    const mark = points[one.id];
    const known = mark !== undefined && (one.steps.includes(mark) || (mark === SKIPPED && one.skippable));
    if (!known) missing.push(one.id);
    else if (mark !== SKIPPED) {
      given += mark;
      possible += one.steps[one.steps.length - 1] ?? 0;
    }
  }
  const caps = scale.knockouts.filter((one) => knocked.includes(one.id)).map((one) => one.cap * 10);
  if (!possible && !caps.length) return { tenths: null, missing, capped: false };
  const tenths = possible ? Math.floor((2000 * given + possible) / (2 * possible)) : 1000;
  return { tenths: Math.min(tenths, ...caps), missing, capped: caps.length > 0 && Math.min(...caps) <= tenths };
}
