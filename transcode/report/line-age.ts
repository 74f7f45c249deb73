import type { FeedReport } from '../../shared/feed-report.ts';

type ByKind = FeedReport['lagMs']['line'];
type Kind = keyof ByKind;

const KINDS: readonly Kind[] = ['picture', 'sound'];

/**
 * How late media arrives at ingest, as a worker learns it from the line tags of the source. Pure.
 *
 * Ingest writes its time behind all media that has arrived, so whatever the feed between ingest and worker does, the difference to the
 * newest media in front of the tag is the publisher's line alone.
 */
export class LineAge {
  readonly #ages: { [kind in Kind]: { readonly ageMs: number; readonly mediaMs: number } | null } = {
    picture: null,
    sound: null,
  };
  #takenMs = 0;

  /**
   * Takes a line tag.
   *
   * @param ingestMs ingest's clock when it wrote the tag, UTC milliseconds
   * @param source ages of the newest media in front of the tag, at `nowMs`
   * @param nowMs this worker's clock, UTC milliseconds
   */
  take(ingestMs: number, source: ByKind, nowMs: number): void {
    this.#takenMs = nowMs;
    for (const kind of KINDS) {
      const ageMs = source[kind];
      const mediaMs = nowMs - (ageMs ?? 0);
      this.#ages[kind] = ageMs === null ? null : { ageMs: ingestMs - mediaMs, mediaMs };
    }
  }

  /**
   * The ages now. Where nothing came behind the last tag, it is the line that stands still, and its age grows.
   *
   * @param source ages of the newest media at the worker now
   */
  at(source: ByKind, nowMs: number): ByKind {
    const of = (kind: Kind): number | null => {
      const [age, sourceMs] = [this.#ages[kind], source[kind]];
      if (age === null || sourceMs === null) return null;
      const stands = nowMs - sourceMs === age.mediaMs;
      return age.ageMs + (stands ? Math.max(0, nowMs - this.#takenMs) : 0);
    };
    return { picture: of('picture'), sound: of('sound') };
  }
}
