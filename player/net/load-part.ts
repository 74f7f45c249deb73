import { request } from './request.ts';
import { mendStyleSheets, styleSheetsLoaded } from './style-sheets.ts';

/** Why a part of the page could not be loaded. */
export type PartFault =
  /** The server does not answer; it is worth trying again. */
  | 'network'
  /** The server has another version of the pages, or the browser does not try again: the page has to be loaded anew. */
  | 'outdated';

/** A part of the page, or why there is none. */
export type LoadedPart<T> =
  | { readonly kind: 'loaded'; readonly part: T }
  | { readonly kind: 'failed'; readonly fault: PartFault };

/** Waits before further attempts, in milliseconds: a dip of the line is over by then. */
const WAITS_MS = [700, 2000];

mendStyleSheets();

/**
 * Loads a part of the page with its style sheets, and tries again where that fails.
 *
 * @param load imports the part
 * @param isCurrent whether the server still has the version of this page; null where it does not answer
 */
export async function loadPart<T>(
  load: () => Promise<T>,
  isCurrent: () => Promise<boolean | null> = isCurrentPage,
): Promise<LoadedPart<T>> {
  for (const waitMs of [...WAITS_MS, null]) {
    try {
      const part = await load();
      await styleSheetsLoaded();
      return { kind: 'loaded', part };
    } catch {
      if (waitMs === null) break;
      await new Promise((resolve) => {
        setTimeout(resolve, waitMs);
      });
    }
  }
  // Some browsers remember for as long as a page lives that a script has failed, so a server that answers means: anew.
  return { kind: 'failed', fault: (await isCurrent()) === null ? 'network' : 'outdated' };
}

/** Asks the server for this page, and compares the scripts in it. */
async function isCurrentPage(): Promise<boolean | null> {
  const own = document.querySelector<HTMLScriptElement>('script[type=module]')?.getAttribute('src');
  try {
    const response = await request(location.pathname, null, { fresh: true });
    if (!response.ok) return null;
    const text = await response.text();
    return own === null || own === undefined || text.includes(own);
  } catch {
    return null;
  }
}
