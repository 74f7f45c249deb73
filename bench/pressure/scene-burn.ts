import { setTimeout as after } from 'node:timers/promises';
import { summarize, type Summary } from '../measure/statistics.ts';
import { type BurnerKind, startBurner } from './burner.ts';
import type { ClipMedia } from './clip-media.ts';
import type { ClipPublishers } from './clip-publishers.ts';
import {
  type EdgeFigures,
  edgeFigures,
  fullAgainAfterMs,
  planChanges,
  planSummary,
  type Stretch,
} from './figures.ts';
import { watchClip } from './page-viewer.ts';
import type { Second } from './second-log.ts';
import { openStage, type StagedServer } from './stage.ts';

/** One class before, beside and after a burner. */
export type BurnResult = {
  readonly figures: Readonly<Record<'calm' | 'burning' | 'after', EdgeFigures>>;
  /** Age of the pictures on the page's display, milliseconds; null without a page. */
  readonly page: Readonly<Record<'calm' | 'burning' | 'after', Summary>> | null;
  /** Longest time without a new picture on the page, milliseconds. */
  readonly pageFreezeMs: number | null;
  readonly missing: number;
  /** Listed parts that never came. */
  readonly refused: readonly string[];
  readonly discontinuities: number;
  readonly fullAfterMs: number | null;
  readonly planChanges: number;
  readonly plans: string;
  /** How the burner ran, and the cores that it got. */
  readonly burner: string;
  readonly seconds: readonly Second[];
};

/** Seconds of a run's stretches. */
export type BurnTimes = { readonly calmS: number; readonly burnS: number; readonly afterS: number };

type Setting = {
  readonly server: StagedServer;
  readonly publishers: ClipPublishers;
  readonly clip: ClipMedia;
  readonly burn: { readonly cores: number; readonly kind: BurnerKind };
  readonly times: BurnTimes;
  /** Page that a Chromium watches; null for none. */
  readonly pageUrl: string | null;
  readonly say: (line: string) => void;
};

/** A moment for players and encoders to settle. */
const SETTLE_S = 8;

/** Runs one class beside a burner. */
export async function burnScene(setting: Setting): Promise<BurnResult> {
  const { server, publishers, clip, burn, times, pageUrl, say } = setting;
  const stage = await openStage(server, publishers, 1, 1, say);
  const total = SETTLE_S + times.calmS + times.burnS + times.afterS;
  const paged = pageUrl === null ? null : watchClip(pageUrl, 1, total, stage.startMs[0] ?? 0).catch(() => []);
  try {
    await after(SETTLE_S * 1000);
    const calm = await stretch(times.calmS);
    stage.log.phase = 'burning';
    const burner = await startBurner(burn.cores, burn.kind);
    const burning = await stretch(times.burnS);
    const got = burner.cores();
    await burner.stop();
    stage.log.phase = 'after';
    const rest = await stretch(times.afterS);
    await stage.stop();
    const joins = paged === null ? null : await paged;
    const stretches = { calm, burning, after: rest };
    const figures = (await edgeFigures(stage, clip, stretches)) as BurnResult['figures'];
    const [join] = joins ?? [];
    const pageIn = ({ fromMs, toMs }: Stretch): Summary =>
      summarize(
        (join?.shown ?? []).filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ ageMs }) => ageMs),
      );
    const { seconds } = stage.log;
    return {
      ...{ figures, seconds },
      page: joins === null ? null : { calm: pageIn(calm), burning: pageIn(burning), after: pageIn(rest) },
      pageFreezeMs: join?.longestFreezeMs ?? null,
      missing: stage.kept.reduce((sum, { missing }) => sum + missing, 0),
      refused: stage.kept.flatMap(({ refused }) => refused),
      discontinuities: stage.kept[1]?.discontinuities ?? 0,
      fullAfterMs: fullAgainAfterMs(seconds, rest.fromMs),
      planChanges: planChanges(seconds),
      plans: planSummary(seconds),
      burner: `${burner.how}; it got ${got.toFixed(2)} cores, ${stolenCores(seconds).toFixed(2)} were stolen by the host`,
    };
  } finally {
    await stage.stop();
    await publishers.end(server.nameOf(0));
  }
}

async function stretch(seconds: number): Promise<Stretch> {
  const fromMs = Date.now();
  await after(seconds * 1000);
  return { fromMs, toMs: Date.now() };
}

function stolenCores(seconds: readonly Second[]): number {
  const burning = seconds.filter(({ phase }) => phase === 'burning').map(({ cores }) => cores['stolen'] ?? 0);
  return burning.reduce((sum, cores) => sum + cores, 0) / Math.max(1, burning.length);
}
