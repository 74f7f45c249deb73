import type { Awaited } from '../../shared/awaited-media.ts';
import { isFiniteNumber, isRecord } from '../../rollcall/protocol/checked.ts';
import { readAwaited } from '../channel/channel-info.ts';

/** What ingest reports about a publication, as far as the teacher's page needs it. */
export type Publish = {
  readonly frameRate: number | null;
  /** From one keyframe to the next, seconds. */
  readonly gopLengthS: number | null;
  readonly videoBps: number;
  readonly audioBps: number;
  /** How much later sound arrives than its picture, milliseconds. */
  readonly avSkewMs: number | null;
  readonly bFrames: boolean;
  /** What has not come yet, or not for some seconds. */
  readonly awaited: readonly Awaited[];
  readonly onAirS: number;
  readonly video: {
    readonly width: number;
    readonly height: number;
    readonly frameRate: number;
    /** Of high dynamic range: the server converts it. */
    readonly isHdr: boolean;
  } | null;
  readonly audio: { readonly codec: string; readonly sampleRateHz: number } | null;
  /** Transcode workers that read it. */
  readonly readers: number;
};

/** The publication of a channel, and why the last one was refused. */
export type Ingest = {
  /** Null while nobody publishes. */
  readonly publish: Publish | null;
  /** The last publisher that the server closed; null where there was none. */
  readonly refused: { readonly reason: string; readonly agoMs: number } | null;
};

/** One finding about a stream. */
export type Finding = {
  readonly severity: 'good' | 'hint' | 'bad';
  readonly key: FindingKey;
  readonly values?: Readonly<Record<string, string | number>>;
};

/** All findings; each has a text that says what to do. */
export type FindingKey =
  | 'offAir'
  | 'noWorker'
  | 'unsupported'
  | 'unsupportedVideo'
  | 'unsupportedSound'
  | 'noHeader'
  | 'wrongKey'
  | 'wentSilent'
  | 'serverFailed'
  | 'noKeyframe'
  | 'otherDevice'
  | 'allWell'
  | 'connected'
  | 'firstNothing'
  | 'firstPicture'
  | 'firstSound'
  | 'nothing'
  | 'noPicture'
  | 'noSound'
  | 'notRead'
  | 'fewFrames'
  | 'lowRate'
  | 'highRate'
  | 'bFrames'
  | 'longGop'
  | 'lateLine'
  | 'lateServer'
  | 'lateNetwork'
  | 'lateOrigin'
  | 'lateSomewhere'
  | 'planCopy'
  | 'planRungs'
  | 'planFrames'
  | 'skew'
  | 'resampled'
  | 'hdr';

/** Statistics of the first seconds are not reliable. */
const SETTLED_S = 6;
/** Below this share of the announced frames the picture stutters. */
const FRAMES_SHARE = 0.85;
/** Bits per pixel: below the first the picture is blurred, above the second rate the network is loaded for nothing. */
const BITS_LOW = 0.02;
const BITS_HIGH_BPS = 8_000_000;
const GOP_LONG_S = 4;
const SKEW_MS = 250;
/** A refusal is shown for so long: an encoder tries again every few seconds. */
const REFUSED_MS = 60_000;
/** What the server tells a publisher that it closes, as far as a teacher can do something about it or must know it. */
const REFUSALS: ReadonlyMap<string, FindingKey> = new Map([
  ['no-transcoder', 'noWorker'],
  ['unsupported-media', 'unsupported'],
  ['unsupported-video', 'unsupportedVideo'],
  ['unsupported-sound', 'unsupportedSound'],
  ['no-header', 'noHeader'],
  ['no-keyframe', 'noKeyframe'],
  ['wrong-key', 'wrongKey'],
  ['silent', 'wentSilent'],
  ['internal', 'serverFailed'],
  ['already-live', 'otherDevice'],
  ['taken-over', 'otherDevice'],
]);

/** Judges a teacher's stream, worst finding first. */
export function health({ publish, refused }: Ingest): readonly Finding[] {
  if (publish === null) {
    const key = refused !== null && refused.agoMs < REFUSED_MS ? REFUSALS.get(refused.reason) : undefined;
    return key === undefined ? [{ severity: 'hint', key: 'offAir' }] : [{ severity: 'bad', key }];
  }
  const { onAirS, video, audio, readers } = publish;
  const missing = missingMedia(publish);
  if (onAirS < SETTLED_S) {
    return missing === 'firstNothing'
      ? [{ severity: 'hint', key: 'connected' }]
      : [{ severity: 'good', key: 'allWell' }];
  }
  const findings: Finding[] = [];
  const say = (severity: Finding['severity'], key: FindingKey, values?: Finding['values']): void => {
    findings.push({ severity, key, ...(values === undefined ? {} : { values }) });
  };
  // No worker reads a class that has no media.
  if (missing === 'firstNothing') return [{ severity: 'bad', key: missing }];
  if (readers === 0) say('bad', 'notRead');
  if (missing === 'nothing') return [...findings, { severity: 'bad', key: missing }];
  const { picture, sound } = missing;
  if (picture !== null || video === null) say('bad', picture ?? 'noPicture');
  else pictureFindings(publish, video, say);
  if (sound !== null || audio === null) say('bad', sound ?? 'noSound');
  else if (audio.sampleRateHz !== 48_000) say('hint', 'resampled', { hz: audio.sampleRateHz });
  if (publish.avSkewMs !== null && Math.abs(publish.avSkewMs) > SKEW_MS) {
    say('hint', 'skew', { ms: Math.round(publish.avSkewMs) });
  }
  return findings.length > 0 ? findings : [{ severity: 'good', key: 'allWell' }];
}

/** What does not come: of each kind, or of both at once. */
type Missing =
  | 'firstNothing'
  | 'nothing'
  | {
      readonly picture: 'firstPicture' | 'noPicture' | null;
      readonly sound: 'firstSound' | 'noSound' | null;
    };

function missingMedia({ awaited, video, audio, videoBps, audioBps }: Publish): Missing {
  const isAwaited = (what: Awaited): boolean => awaited.includes(what);
  const isFirst = isAwaited('first-picture') && isAwaited('first-sound');
  if (isFirst && video === null && audio === null) return 'firstNothing';
  if (isAwaited('picture') && isAwaited('sound')) return 'nothing';
  const isPictureGone = isAwaited('picture') || videoBps === 0;
  const isSoundGone = isAwaited('sound') || audioBps === 0;
  return {
    picture: isAwaited('first-picture') ? 'firstPicture' : isPictureGone ? 'noPicture' : null,
    sound: isAwaited('first-sound') ? 'firstSound' : isSoundGone ? 'noSound' : null,
  };
}

function pictureFindings(
  { frameRate, videoBps, bFrames, gopLengthS }: Publish,
  { width, height, frameRate: announced, isHdr }: NonNullable<Publish['video']>,
  say: (severity: Finding['severity'], key: FindingKey, values?: Finding['values']) => void,
): void {
  if (frameRate !== null && announced > 0 && frameRate < announced * FRAMES_SHARE) {
    say('bad', 'fewFrames', { got: Math.round(frameRate), want: Math.round(announced) });
  }
  if (videoBps < width * height * (announced || 25) * BITS_LOW) {
    say('hint', 'lowRate', { kbps: Math.round(videoBps / 1000) });
  }
  if (videoBps > BITS_HIGH_BPS) say('hint', 'highRate', { mbps: Math.round(videoBps / 1e6) });
  if (isHdr) say('hint', 'hdr');
  if (bFrames) say('hint', 'bFrames');
  if (gopLengthS !== null && gopLengthS > GOP_LONG_S)
    say('hint', 'longGop', { seconds: Math.round(gopLengthS) });
}

/**
 * Reads the answer of `GET /api/ingest/{channel}`.
 *
 * @returns null where the response is not valid
 */
export function readIngest(value: unknown): Ingest | null {
  if (!isRecord(value)) return null;
  const { publish: raw, refused: last } = value;
  const refused =
    isRecord(last) && typeof last['reason'] === 'string' && isFiniteNumber(last['agoMs'])
      ? { reason: last['reason'], agoMs: last['agoMs'] }
      : null;
  if (raw === null) return { publish: null, refused };
  if (!isRecord(raw)) return null;
  const number = (name: string): number => (isFiniteNumber(raw[name]) ? raw[name] : 0);
  const perhaps = (name: string): number | null => (isFiniteNumber(raw[name]) ? raw[name] : null);
  const video = isRecord(raw['video']) ? raw['video'] : null;
  const audio = isRecord(raw['audio']) ? raw['audio'] : null;
  const of = (from: Record<string, unknown>, name: string): number => {
    const found = from[name];
    return isFiniteNumber(found) ? found : 0;
  };
  return {
    refused,
    publish: {
      ...{ frameRate: perhaps('frameRate'), gopLengthS: perhaps('gopLengthS') },
      ...{ videoBps: number('videoBps'), audioBps: number('audioBps'), avSkewMs: perhaps('avSkewMs') },
      ...{
        bFrames: raw['bFrames'] === true,
        awaited: readAwaited(raw['awaited']),
        onAirS: number('onAirS'),
        readers: number('readers'),
      },
      video:
        video === null
          ? null
          : {
              ...{
                width: of(video, 'width'),
                height: of(video, 'height'),
                frameRate: of(video, 'frameRate'),
              },
              isHdr: video['notPlayed'] === 'HDR',
            },
      audio:
        audio === null ? null : { codec: String(audio['codec']), sampleRateHz: of(audio, 'sampleRateHz') },
    },
  };
}
