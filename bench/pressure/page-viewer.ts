import { reportJoin, type JoinReport } from '../glass/join-report.ts';
import { watchPage } from '../glass/watch.ts';
import { sentAtMs } from './picture-log.ts';

/** What a page in Chromium went through. */
export type PageJoin = JoinReport & {
  /** Pictures that were shown: when, and how old. Milliseconds. */
  readonly shown: readonly { readonly atMs: number; readonly ageMs: number }[];
};

/**
 * Watches a page in a Chromium of its own, and tells how old its pictures are by the clip's barcodes.
 *
 * @param startMs when the clip's time 0 was sent, UTC milliseconds
 * @returns one report a join; empty where it never showed a picture
 */
export async function watchClip(
  url: string,
  joins: number,
  seconds: number,
  startMs: number,
): Promise<PageJoin[]> {
  const { pages } = await watchPage(url, joins, seconds, () => {});
  return pages.map((page) => {
    const shown = page.shown.map((picture) => ({
      ...picture,
      stampMs: picture.stampMs === null ? null : sentAtMs(picture.stampMs, startMs, picture.displayMs),
    }));
    return {
      ...reportJoin({ ...page, shown }),
      shown: shown.flatMap(({ displayMs, stampMs }) =>
        stampMs === null ? [] : [{ atMs: displayMs, ageMs: displayMs - stampMs }],
      ),
    };
  });
}
