import { isFiniteNumber, isRecord } from '../../rollcall/protocol/checked.ts';
import type { Finding } from './health.ts';

/** How late the class is at the server, where, and how it is encoded; as far as the teacher's page needs it. */
export type Air = {
  /** Age of the newest media that the server has for students, milliseconds; null before the first. */
  readonly lateMs: number | null;
  /** The stage that makes the class late; null where none stands out. */
  readonly fault: { readonly stage: string; readonly excessMs: number } | null;
  /** Null while it is not known. */
  readonly plan: {
    /** 0 is the full ladder. */
    readonly level: number;
    readonly name: string;
    readonly frameRate: number;
    /** Best quality that is made now: `480p`; null where there is no picture. */
    readonly best: string | null;
    /** Whether qualities of the full ladder are not made now. */
    readonly isReduced: boolean;
  } | null;
};

/** A class that is later than this is late, milliseconds. */
const LATE_MS = 1500;
/** How far players are behind the newest media when all is well, milliseconds. */
const DISTANCE_MS = 500;
/** A preview that is so much later than students is late by itself, milliseconds. */
const PREVIEW_SLACK_MS = 1000;
/** A later step than the one that leaves out every second frame includes it only where no more than this share is left. */
const HALF_RATE_SHARE = 0.6;

/**
 * Says how late a class is and whose fault it is, and what students see while the server is short of computing power.
 *
 * @param air null while nothing is on air, or nothing is known
 * @param frameRate the publisher's, frames a second; 0 when unknown
 * @returns nothing when all is well
 */
export function airFindings(air: Air | null, frameRate: number): readonly Finding[] {
  if (air === null) return [];
  const findings: Finding[] = [];
  const { lateMs, fault, plan } = air;
  if (lateMs !== null && lateMs > LATE_MS) {
    const values = { seconds: (lateMs / 1000).toFixed(1) };
    findings.push({ severity: 'bad', key: lateKey(fault?.stage ?? null), values });
  }
  if (plan === null || plan.level === 0) return findings;
  if (plan.name === 'copy') return [...findings, { severity: 'hint', key: 'planCopy' }];
  if (plan.isReduced && plan.best !== null) {
    findings.push({ severity: 'hint', key: 'planRungs', values: { best: plan.best } });
  }
  if (isHalfRate(plan, frameRate)) {
    findings.push({ severity: 'hint', key: 'planFrames', values: { count: Math.round(plan.frameRate) } });
  }
  return findings;
}

/** The ladder's own limit of frames a second is no step: only a plan's name tells that frames are left out on purpose. */
function isHalfRate(plan: NonNullable<Air['plan']>, frameRate: number): boolean {
  if (plan.name === 'half-rate') return true;
  return plan.name === 'one-rung' && plan.frameRate < frameRate * HALF_RATE_SHARE;
}

/**
 * How much later students see the teacher.
 *
 * The preview measures it best, as long as this computer plays it in time; otherwise it follows from what the server has.
 *
 * @param previewMs latency of the preview, milliseconds; null while it does not play
 * @returns milliseconds, and whether only the preview is late; null while nothing is known
 */
export function studentsBehind(
  air: Air | null,
  previewMs: number | null,
): { readonly behindMs: number; readonly isPreviewLate: boolean } | null {
  const lateMs = air?.lateMs ?? null;
  if (lateMs === null) return previewMs === null ? null : { behindMs: previewMs, isPreviewLate: false };
  const expectedMs = lateMs + DISTANCE_MS;
  if (previewMs === null) return { behindMs: expectedMs, isPreviewLate: false };
  const isPreviewLate = previewMs > expectedMs + PREVIEW_SLACK_MS;
  return { behindMs: isPreviewLate ? expectedMs : previewMs, isPreviewLate };
}

/** Reads `air` of the answer of `GET /api/channels/{channel}/feeds`; null where nothing is on air, or it is not valid. */
export function readAir(value: unknown): Air | null {
  if (!isRecord(value) || !isRecord(value['air'])) return null;
  const { lateMs, fault, plan } = value['air'];
  return {
    lateMs: isFiniteNumber(lateMs) ? lateMs : null,
    fault:
      isRecord(fault) && typeof fault['stage'] === 'string' && isFiniteNumber(fault['excessMs'])
        ? { stage: fault['stage'], excessMs: fault['excessMs'] }
        : null,
    plan: isRecord(plan) ? readPlan(plan) : null,
  };
}

function readPlan(plan: Record<string, unknown>): Air['plan'] {
  const { level, name, frameRate, tracks, away } = plan;
  if (!isFiniteNumber(level) || typeof name !== 'string' || !isFiniteNumber(frameRate)) return null;
  const best: unknown = Array.isArray(tracks) ? tracks[0] : null;
  return {
    ...{ level, name, frameRate, best: typeof best === 'string' ? best : null },
    isReduced: Array.isArray(away) && away.length > 0,
  };
}

/** Whose fault it is, as the teacher is told. */
function lateKey(
  stage: string | null,
): 'lateLine' | 'lateServer' | 'lateNetwork' | 'lateOrigin' | 'lateSomewhere' {
  switch (stage) {
    case 'line':
      return 'lateLine';
    case 'source':
    case 'queue':
    case 'rung':
    case 'sound':
      return 'lateServer';
    case 'uplink':
      return 'lateNetwork';
    case 'origin':
      return 'lateOrigin';
    default:
      return 'lateSomewhere';
  }
}
