import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { makeTempDir } from './temp-dir.ts';

/** A browser of a test's own. */
export type TestBrowser = {
  /** Open pages in it with `context.newPage()`. */
  readonly context: BrowserContext;
  stop(): Promise<void>;
};

/** No sandbox: CI runs as root. No QUIC, component updates or networking of its own: it talks to the test's server alone. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--autoplay-policy=no-user-gesture-required',
];

/**
 * Starts Chromium with an empty profile.
 *
 * @param options as for a playwright context: viewport, colorScheme, locale, …
 * @throws {Error} when Chromium is missing: the test fails and says so
 */
export async function startChromium(
  options: NonNullable<Parameters<Browser['newContext']>[0]> = {},
): Promise<TestBrowser> {
  const profile = makeTempDir();
  const context = await chromium.launchPersistentContext(profile.path, {
    executablePath: process.env['CHROMIUM_PATH'] || '/usr/bin/chromium',
    args: FLAGS,
    ...options,
  });
  return {
    context,
    stop: async () => {
      await context.close();
      profile.remove();
    },
  };
}
