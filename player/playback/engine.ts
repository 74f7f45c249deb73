import type { ListedCall } from '../../rollcall/protocol/listed-call.ts';
import type { Run } from './run-at.ts';

/** What failed, as far as the engine can tell. */
export type FailureCause = 'network' | 'media' | 'other';

/**
 * What live and timeshift engines have in common: each is one player of one stream in one video element, hls.js or the
 * browser's own.
 */
export type Engine = {
  /** Program date time at a media time, UTC milliseconds; null while unknown. */
  programTimeMs(mediaTimeS: number): number | null;
  /** The runs of the playlist. */
  runs(): readonly Run[];
  /** The calls of the roll that the live playlist lists; null where this player does not tell. */
  calls(): readonly ListedCall[] | null;
  /** Continues to load after a failure. */
  resume(): void;
  /** Recovers from a decoder error; `swap` tries the other profile of the sound. */
  recoverMedia(swap: boolean): void;
  destroy(): void;
};
