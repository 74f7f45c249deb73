/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import type { openIndexedAnswers } from '../../../player/rollcall/indexed-answers.ts';
import type { PendingAnswer } from '../../../player/rollcall/outbox.ts';
import { startChromium, type TestBrowser } from '../../support/chromium.ts';

type Module = { readonly openIndexedAnswers: typeof openIndexedAnswers };
type WithModule = typeof globalThis & { answers: Module };

const answer = (answerId: string): PendingAnswer => ({
  ...{ channel: 'hall-7', owner: 'li', tappedMs: 1_700_000_000_000 },
  frame: {
    ...{ type: 'answer', callId: 'k1', answerId, value: 2, stalled: true },
    ...{ tapProgramTimeMs: 1_699_999_999_000, latencyMs: 1000 },
  },
});

/** The module and what it imports, as one script that a page can load. */
async function bundled(): Promise<string> {
  const entry = fileURLToPath(new URL('../../../player/rollcall/indexed-answers.ts', import.meta.url));
  const lib = { entry, formats: ['es' as const] };
  const output = await build({ configFile: false, logLevel: 'error', build: { lib, write: false } });
  const [first] = Array.isArray(output) ? output : [output as Rolldown.RolldownOutput];
  const chunk = first?.output[0];
  assert.ok(chunk?.type === 'chunk');
  return chunk.code;
}

describe('pending answers in the database of a browser', function () {
  this.timeout(60_000);
  let browser: TestBrowser;
  let server: Server;
  let page: Page;

  before(async () => {
    const code = await bundled();
    const html = `<script type="module">import * as answers from '/answers.js'; globalThis.answers = answers;</script>`;
    server = createServer((req, res) => {
      const isScript = req.url === '/answers.js';
      res.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
      res.end(isScript ? code : html);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await startChromium();
    page = await browser.context.newPage();
  });
  after(async () => {
    await browser?.stop();
    server?.closeAllConnections();
    server?.close();
  });
  beforeEach(async () => {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await page.waitForFunction(() => 'answers' in globalThis);
  });

  const stored = () =>
    page.evaluate(async () => (await (globalThis as WithModule).answers.openIndexedAnswers())?.all());

  it('are read where the page before idb stored them, and removed from there', async () => {
    // As that page did it: version 1, a store `answers` without a key path, the id of the answer as key.
    await page.evaluate(
      (item) =>
        new Promise<void>((resolve, reject) => {
          const opening = indexedDB.open('lectern.rollcall', 1);
          opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('answers'));
          opening.addEventListener('success', () => {
            const change = opening.result.transaction('answers', 'readwrite');
            change.objectStore('answers').put(item, item.frame.answerId);
            change.addEventListener('complete', () => {
              opening.result.close();
              resolve();
            });
            change.addEventListener('abort', () => reject(change.error));
          });
        }),
      answer('answer-1'),
    );
    assert.deepEqual(await stored(), [answer('answer-1')]);
    await page.evaluate(async () => {
      await (await (globalThis as WithModule).answers.openIndexedAnswers())?.remove('answer-1');
    });
    assert.deepEqual(await stored(), []);
  });

  it('are there after a reload, each once', async () => {
    await page.evaluate(
      async (items) => {
        const store = await (globalThis as WithModule).answers.openIndexedAnswers();
        for (const item of items) await store?.put(item);
      },
      [answer('answer-2'), answer('answer-3'), answer('answer-3')],
    );
    await page.reload();
    await page.waitForFunction(() => 'answers' in globalThis);
    assert.deepEqual(await stored(), [answer('answer-2'), answer('answer-3')]);
  });

  it('are none where the browser has no database', async () => {
    const store = await page.evaluate(() => {
      Object.defineProperty(globalThis, 'indexedDB', { value: undefined });
      return (globalThis as WithModule).answers.openIndexedAnswers();
    });
    assert.equal(store, null);
  });
});
