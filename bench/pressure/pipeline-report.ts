import type { LecternProcess } from '../start/lectern-process.ts';

/** What the product itself says of one class. Milliseconds. */
export type ClassReport = {
  /** Name of its encoding plan; '' where it has none. */
  readonly plan: string;
  /** Age of the newest frame at each stage, in the order of the stages, by name. */
  readonly lagMs: Readonly<Record<string, number>>;
};

type Json = { readonly [name: string]: Json } | readonly Json[] | string | number | boolean | null;

/**
 * Reads plan and lag from the answer for one class: from its report where there is one, else from the heads of its feed's tracks. Pure.
 *
 * @param feeds what `/api/channels/{id}/feeds` answered
 * @param nowMs when it was asked
 */
export function readClassReport(feeds: Json, nowMs: number): ClassReport {
  const first = field(feeds, 'feeds');
  const feed = Array.isArray(first) ? (first.find((one) => field(one, 'kind') !== 'slate') ?? null) : null;
  const report = field(feed, 'report');
  const lagMs: Record<string, number> = {};
  flatten(field(report, 'lagMs'), '', lagMs);
  const tracks = field(feed, 'tracks');
  for (const track of Array.isArray(tracks) ? tracks : []) {
    const headMs = field(track, 'headMs');
    const name = field(track, 'name');
    if (typeof headMs === 'number' && typeof name === 'string') lagMs[`origin ${name}`] = nowMs - headMs;
  }
  const plan = field(field(report, 'plan'), 'name');
  return { plan: typeof plan === 'string' ? plan : '', lagMs };
}

/** Asks for the report of one class; one without anything where the answer is none. */
export async function fetchClassReport(
  lectern: LecternProcess,
  operator: string,
  channel: string,
): Promise<ClassReport> {
  try {
    const answer = await fetch(`${lectern.url}/api/channels/${channel}/feeds`, {
      headers: { authorization: `Bearer ${operator}` },
      signal: AbortSignal.timeout(5000),
    });
    return readClassReport((await answer.json()) as Json, Date.now());
  } catch {
    return { plan: '', lagMs: {} };
  }
}

/** Numbers of nested objects, by names joined with a blank: `rungs 720p`. */
function flatten(value: Json, name: string, into: Record<string, number>): void {
  if (typeof value === 'number') into[name] = value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) flatten(inner, `${name} ${key}`.trim(), into);
}

function field(value: Json | undefined, name: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return (value as { readonly [name: string]: Json })[name] ?? null;
}
