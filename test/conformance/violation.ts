/** A rule that was broken. */
export type Violation = {
  /** The section that states the rule, as in `RFC 8216bis §6.2.4`. */
  readonly section: string;
  /** What the section asks for, in a few words. */
  readonly rule: string;
  /** Where, and the values that break it. */
  readonly detail: string;
  /** When the offending answer came, UTC milliseconds. */
  readonly atMs: number;
  readonly url: string;
};

/** One answer of a server, as a client saw it. */
export type Exchange = {
  /** When the answer was complete, UTC milliseconds. */
  readonly atMs: number;
  /** When the request was sent, UTC milliseconds; left out where it is not known. */
  readonly sentMs?: number;
  /** As it was asked for, with its query. */
  readonly url: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/**
 * Sums up violations for a report: one line a rule, with how often it was broken and the first case.
 *
 * @returns '' for none
 */
export function summarize(violations: readonly Violation[]): string {
  const byRule = new Map<string, Violation[]>();
  for (const violation of violations) {
    const key = `${violation.section}: ${violation.rule}`;
    byRule.set(key, [...(byRule.get(key) ?? []), violation]);
  }
  return [...byRule]
    .map(
      ([key, cases]) =>
        `${key} (${cases.length} ×), first: ${cases[0]?.detail ?? ''} in ${cases[0]?.url ?? ''}`,
    )
    .join('\n');
}
