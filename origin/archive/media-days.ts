import { type ObjectStore, PartialListError } from '../../shared/object-store.ts';
import { mediaPrefix, parseSegmentKey, type SegmentKey } from './archive-keys.ts';

/** The segments of one channel and UTC day. */
export type MediaDay = {
  readonly channel: string;
  /** `2020-02-17` */
  readonly day: string;
  readonly keys: readonly (readonly [key: string, segment: SegmentKey])[];
};

/**
 * Lists stored segments, channel by channel and day by day.
 *
 * @param channel one channel only; all when it is left out
 * @param onOther called with each key that is no segment's
 * @throws {StoreError} when it is iterated; {@link PartialListError} after all that can be listed
 */
export async function* listMediaDays(
  store: Pick<ObjectStore, 'list'>,
  channel: string | undefined,
  onOther: (key: string) => void,
): AsyncGenerator<MediaDay, void, undefined> {
  let at = { channel: '', day: '' };
  let keys: [string, SegmentKey][] = [];
  let failure: PartialListError | undefined;
  try {
    for await (const { key } of store.list(mediaPrefix(channel))) {
      const segment = parseSegmentKey(key);
      const day = key.split('/')[2] ?? '';
      if (segment === null) {
        onOther(key);
        continue;
      }
      if (segment.channel !== at.channel || day !== at.day) {
        if (keys.length > 0) yield { ...at, keys };
        keys = [];
        at = { channel: segment.channel, day };
      }
      keys.push([key, segment]);
    }
  } catch (error) {
    if (!(error instanceof PartialListError)) throw error;
    failure = error;
  }
  if (keys.length > 0) yield { ...at, keys };
  if (failure !== undefined) throw failure;
}
