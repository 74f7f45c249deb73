import { type Row, rowAtMost } from '../bench.ts';
import type { PageJoin } from './page-viewer.ts';
import type { BurnResult } from './scene-burn.ts';
import type { ClassesResult } from './scene-classes.ts';
import type { SoakResult } from './scene-soak.ts';
import type { StopResult } from './scene-stop.ts';

const s = (ms: number | null | undefined): number | null =>
  ms === null || ms === undefined || !Number.isFinite(ms) ? null : ms / 1000;
/** Highest of some; null for none. */
const most = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));

/** The peer's column stays empty where it was not measured. */
const named = (peer: string, theirs: unknown): string => (theirs === null ? '' : peer);

/** Rows of three joins of one page, one after the other, on the machine as it is. Pure. */
export function joinsRows(
  ours: readonly PageJoin[],
  peerName: string,
  theirs: readonly PageJoin[] | null,
): Row[] {
  const peer = named(peerName, theirs);
  const p95s = (joins: readonly PageJoin[] | null): number[] =>
    (joins ?? []).map(({ latencyMs }) => latencyMs.p95).filter(Number.isFinite);
  const own = p95s(ours);
  const others = p95s(theirs);
  const spread = own.length === 0 ? null : Math.max(...own) - (own[0] ?? 0);
  const stalls = (joins: readonly PageJoin[]): number => joins.reduce((sum, join) => sum + join.stalls, 0);
  return [
    rowAtMost(`page, worst p95 of ${ours.length} joins`, 's', s(most(own)), 0.6, peer, s(most(others))),
    rowAtMost('page, worst join after the first one', 's', s(spread), 0.2),
    rowAtMost('page, stalls', '', stalls(ours), 0, peer, theirs === null ? null : stalls(theirs)),
  ];
}

/**
 * Rows of one class beside a burner. Pure.
 *
 * @param marked whether the marks count: not where shedding is off
 */
export function burnRows(
  what: string,
  ours: BurnResult,
  peerName: string,
  theirs: BurnResult | null,
  marked = true,
): Row[] {
  const peer = named(peerName, theirs);
  const mark = (value: number): number | null => (marked ? value : null);
  const beside = ({ figures }: BurnResult) => figures.burning;
  const edges = (result: BurnResult | null, at: 'p95' | 'max'): number | null =>
    result === null
      ? null
      : most([beside(result).lowest[at], beside(result).top[at]].filter(Number.isFinite));
  const row = (
    name: string,
    unit: string,
    pick: (result: BurnResult) => number | null | undefined,
    limit: number | null,
  ): Row =>
    rowAtMost(
      `${what}: ${name}`,
      unit,
      pick(ours) ?? null,
      limit,
      peer,
      theirs === null ? null : (pick(theirs) ?? null),
    );
  return [
    row('edge p95', 's', (result) => s(edges(result, 'p95')), mark(1)),
    row('edge worst', 's', (result) => s(edges(result, 'max')), mark(2)),
    row('lowest rung p95', 's', (result) => s(beside(result).lowest.p95), null),
    row('top rung p95', 's', (result) => s(beside(result).top.p95), null),
    rowAtMost(`${what}: sound p95`, 's', s(beside(ours).sound.p95), null),
    rowAtMost(`${what}: sound worst`, 's', s(beside(ours).sound.max), mark(2)),
    row('sound holes', '', (result) => holesOf(result), mark(0)),
    row('longest still, lowest rung', 's', (result) => s(worstStill(result, 0)), mark(1)),
    row('longest still, top rung', 's', (result) => s(worstStill(result, 1)), null),
    row('repeated pictures, lowest rung', '%', (result) => beside(result).repeated[0] * 100, null),
    row('page p95', 's', (result) => s(result.page?.burning.p95), null),
    row('page, longest freeze', 's', (result) => s(result.pageFreezeMs), null),
    row(
      'edge p95 before',
      's',
      ({ figures }) => s(most([figures.calm.lowest.p95, figures.calm.top.p95].filter(Number.isFinite))),
      null,
    ),
    row(
      'edge p95 after',
      's',
      ({ figures }) => s(most([figures.after.lowest.p95, figures.after.top.p95].filter(Number.isFinite))),
      null,
    ),
    rowAtMost(`${what}: full ladder again after`, 's', s(ours.fullAfterMs), mark(60)),
    rowAtMost(`${what}: plan changes`, '', ours.planChanges, null),
    row('missing segments', '', ({ missing }) => missing, mark(0)),
    row('discontinuities, top rung', '', ({ discontinuities }) => discontinuities, null),
  ];
}

function holesOf({ figures }: BurnResult): number | null {
  const reports = [figures.burning.holes, figures.after.holes];
  // Sound that was encoded anew cannot be compared.
  if (reports.some((report) => report === null || report.frames === 0 || report.foreign === report.frames))
    return null;
  return reports.reduce((sum, report) => sum + (report?.holes ?? 0) + (report?.breaks ?? 0), 0);
}

function worstStill({ figures }: BurnResult, rung: 0 | 1): number {
  return Math.max(figures.burning.stillMs[rung], figures.after.stillMs[rung]);
}

/** Rows of several classes at once. Pure. */
export function classesRows(
  classes: number,
  ours: ClassesResult,
  peerName: string,
  theirs: ClassesResult | null,
): Row[] {
  const peer = named(peerName, theirs);
  const worst = (result: ClassesResult | null, of: 'ages' | 'soundAges', at: 'p95' | 'max'): number | null =>
    result === null ? null : most(result[of].map((ages) => ages[at]).filter(Number.isFinite));
  const onAir = (result: ClassesResult): number => result.ages.filter(({ count }) => count > 0).length;
  const where = `${classes} classes`;
  return [
    {
      ...{
        what: `${where}: on air`,
        unit: '',
        ours: onAir(ours),
        mark: `≥ ${classes}`,
        met: onAir(ours) >= classes,
      },
      ...{ peer, theirs: theirs === null ? null : onAir(theirs) },
    },
    rowAtMost(
      `${where}: lag p95, worst class`,
      's',
      s(worst(ours, 'ages', 'p95')),
      2,
      peer,
      s(worst(theirs, 'ages', 'p95')),
    ),
    rowAtMost(
      `${where}: lag worst`,
      's',
      s(worst(ours, 'ages', 'max')),
      null,
      peer,
      s(worst(theirs, 'ages', 'max')),
    ),
    rowAtMost(`${where}: sound lag p95, worst class`, 's', s(worst(ours, 'soundAges', 'p95')), null),
    rowAtMost(`${where}: the last one's full ladder again after`, 's', s(ours.fullAfterMs), null),
    rowAtMost(`${where}: missing segments of the first`, '', ours.missing, 0, peer, theirs?.missing ?? null),
  ];
}

/** Rows of encoders that stood still. Pure. */
export function stopRows(ours: StopResult, peerName: string, theirs: StopResult | null): Row[] {
  const peer = named(peerName, theirs);
  return [
    rowAtMost('ffmpeg stopped for 5 s: behind 10 s later', 's', s(ours.laterMs), 1, peer, s(theirs?.laterMs)),
    rowAtMost(
      'ffmpeg stopped for 5 s: pictures at worst',
      's',
      s(ours.worstMs),
      null,
      peer,
      s(theirs?.worstMs),
    ),
    rowAtMost('ffmpeg stopped for 5 s: sound at worst', 's', s(ours.soundMs), null, peer, s(theirs?.soundMs)),
  ];
}

/** Rows of a long time under a load that changes. Pure. */
export function soakRows(minutes: number, ours: SoakResult): Row[] {
  const where = `${minutes} min of changing load`;
  const [early, late] = ours.residentMiB;
  return [
    rowAtMost(`${where}: pictures' lag p95`, 's', s(ours.pictures.p95), 1),
    rowAtMost(`${where}: pictures' lag worst`, 's', s(ours.pictures.max), 2),
    rowAtMost(`${where}: sound's lag worst`, 's', s(ours.sound.max), 2),
    rowAtMost(`${where}: plan changes`, '', ours.planChanges, null),
    rowAtMost(`${where}: missing segments`, '', ours.missing, 0),
    rowAtMost(`${where}: memory at the end, of that at a fifth`, '×', late / early, 1.2),
  ];
}
