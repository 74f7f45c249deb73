import { summarize, type Summary } from '../measure/statistics.ts';
import type { ClipMedia } from './clip-media.ts';
import { agesOf, longestStillMs, readPictures, repeatedShare } from './picture-log.ts';
import type { Second } from './second-log.ts';
import { compareSound, readSound, type SoundReport } from './sound-log.ts';
import type { Stage } from './stage.ts';

/** A stretch of a run. UTC milliseconds. */
export type Stretch = { readonly fromMs: number; readonly toMs: number };

/** What the first class's viewers got in a stretch. Milliseconds. */
export type EdgeFigures = {
  /** Age of the newest picture a viewer has, by its barcode. */
  readonly lowest: Summary;
  readonly top: Summary;
  /** Age of the newest part of the sound, by its program date time. */
  readonly sound: Summary;
  /** The longest time one picture stands in what is served, lowest and top rung. */
  readonly stillMs: readonly [lowest: number, top: number];
  /** Share of pictures that repeat the one before. */
  readonly repeated: readonly [lowest: number, top: number];
  readonly holes: SoundReport | null;
};

/** Works out the figures of some stretches; it decodes all that was kept. */
export async function edgeFigures(
  stage: Stage,
  clip: ClipMedia,
  stretches: Readonly<Record<string, Stretch>>,
): Promise<Record<string, EdgeFigures>> {
  const [lowest, top, sound] = stage.kept;
  const startMs = stage.startMs[0] ?? 0;
  if (lowest === undefined || top === undefined) throw new Error('no viewer has kept anything');
  const pictures = [
    await readPictures(lowest.parts, lowest.inits, startMs),
    await readPictures(top.parts, top.inits, startMs),
  ] as const;
  return Object.fromEntries(
    Object.entries(stretches).map(([name, { fromMs, toMs }]) => {
      const [low, high] = pictures;
      const within = stage.log.looks.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
      return [
        name,
        {
          lowest: summarize(agesOf(low, fromMs, toMs)),
          top: summarize(agesOf(high, fromMs, toMs)),
          sound: summarize(within.map(({ ages }) => ages[0]?.[2] ?? Number.NaN).filter(Number.isFinite)),
          stillMs: [longestStillMs(low, fromMs, toMs), longestStillMs(high, fromMs, toMs)],
          repeated: [repeatedShare(low, fromMs, toMs), repeatedShare(high, fromMs, toMs)],
          holes:
            sound === undefined
              ? null
              : compareSound(readSound(sound.parts, sound.inits, fromMs, toMs), clip.sound),
        } satisfies EdgeFigures,
      ];
    }),
  );
}

/**
 * Tells how long after a moment the full ladder was back for good. Pure.
 *
 * @returns milliseconds; null where it never was, or nothing is said of plans
 */
export function fullAgainAfterMs(seconds: readonly Second[], sinceMs: number, at = 0): number | null {
  const after = seconds.filter(({ atMs }) => atMs >= sinceMs);
  const isFull = ({ reports }: Second): boolean => reports[at]?.plan === 'full';
  const lastOther = after.findLastIndex((second) => !isFull(second));
  const back = after[lastOther + 1];
  return back === undefined ? null : Math.max(0, back.atMs - sinceMs);
}

/** Counts changes of plan of one class. Pure. */
export function planChanges(seconds: readonly Second[], at = 0): number {
  const plans = seconds.map(({ reports }) => reports[at]?.plan ?? '').filter((plan) => plan !== '');
  return plans.filter((plan, i) => i > 0 && plan !== plans[i - 1]).length;
}

/** Plans of one class with the seconds each was there, in the order of their first appearance: `full 12, one-rung 4`. Pure. */
export function planSummary(seconds: readonly Second[], at = 0): string {
  const counts = new Map<string, number>();
  for (const { reports } of seconds) {
    const plan = reports[at]?.plan || 'not said';
    counts.set(plan, (counts.get(plan) ?? 0) + 1);
  }
  return [...counts].map(([plan, count]) => `${plan} ${count} s`).join(', ');
}
