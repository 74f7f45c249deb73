/**
 * Loads style sheets again that failed to load. A part of a page that is loaded later brings its own: the build's loader asks for it
 * once, and shows the part without any style from then on.
 */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

const pending = new Map<string, Promise<void>>();

/** Waits until every style sheet that failed has been loaded after all. */
export async function styleSheetsLoaded(): Promise<void> {
  while (pending.size > 0) await Promise.all(pending.values());
}

/** Looks after all style sheets of the page from now on, and after those that have failed already. To be called once. */
export function mendStyleSheets(): void {
  // Errors of resources do not bubble, but they can be captured.
  document.addEventListener(
    'error',
    ({ target }) => {
      if (target instanceof HTMLLinkElement && target.rel === 'stylesheet') mend(target);
    },
    true,
  );
  addEventListener('vite:preloadError', (event) => {
    const error: unknown = 'payload' in event ? event.payload : null;
    // With its style sheet on the way the part itself is loaded now.
    if (error instanceof Error && error.message.includes('preload CSS')) event.preventDefault();
  });
  addEventListener('load', () => {
    for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')) {
      if (link.sheet === null) mend(link);
    }
  });
}

function mend(failed: HTMLLinkElement): void {
  const { href } = failed;
  failed.remove();
  if (pending.has(href)) return;
  const loaded = again(href).finally(() => pending.delete(href));
  pending.set(href, loaded);
}

async function again(href: string): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    await new Promise((resolve) => {
      setTimeout(resolve, waitMs * (0.75 + 0.5 * Math.random()));
    });
    if (await loads(href)) return;
  }
}

function loads(href: string): Promise<boolean> {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  return new Promise((resolve) => {
    link.addEventListener('load', () => resolve(true));
    link.addEventListener('error', (event) => {
      event.stopPropagation();
      link.remove();
      resolve(false);
    });
    document.head.append(link);
  });
}
