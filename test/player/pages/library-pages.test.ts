/// <reference lib="dom" />
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type TestBrowser, startChromium } from '../../support/chromium.ts';
import { waitFor } from '../../support/wait-for.ts';
import { fakeBroadcast } from './fake-library.ts';
import { faultsOf } from './page-faults.ts';
import { type PagesServer, startPagesServer } from './pages-server.ts';

const TEACHER = `h.${Buffer.from('{"role":"teacher","channel":"maths"}').toString('base64url')}.s`;
const DAY_MS = 86_400_000;
const NOON = new Date(2026, 2, 10, 12).getTime();

/** The newest first: one on air, and then one a day back. */
const SHELF = [
  fakeBroadcast({ id: 'now', title: 'Circles', teacher: 'Ms Li', grade: 7, startMs: NOON, endMs: null }),
  fakeBroadcast({
    id: 'a',
    title: 'Angles',
    teacher: 'Ms Li',
    subject: 'Geometry',
    grade: 7,
    startMs: NOON - DAY_MS,
  }),
  fakeBroadcast({
    id: 'b',
    title: 'Light',
    channel: 'physics',
    teacher: 'Mr Wu',
    subject: 'Optics',
    grade: 11,
    startMs: NOON - 2 * DAY_MS,
  }),
  fakeBroadcast({
    id: 'c',
    title: 'Lines',
    teacher: 'Ms Li',
    subject: 'Geometry',
    grade: 8,
    startMs: NOON - 3 * DAY_MS,
  }),
];

describe('the library in a browser', function () {
  this.timeout(60_000);
  let server: PagesServer;
  let browser: TestBrowser;
  let page: Page;
  let faults: string[];

  before(async () => {
    server = await startPagesServer();
    server.makeMedia();
    browser = await startChromium({ viewport: { width: 390, height: 844 }, locale: 'en-GB' });
  });
  after(async () => {
    await browser?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    server.api.status = 200;
    server.api.library.broadcasts = structuredClone(SHELF);
    server.api.asked.length = 0;
    server.api.library.asked.length = 0;
    server.api.library.changes.length = 0;
    server.api.channels = [
      { id: 'maths', title: 'Mathematics', language: 'en', state: 'on-air', sinceMs: 0, broadcast: null },
    ];
    page = await browser.context.newPage();
    faults = faultsOf(page);
  });
  afterEach(async () => {
    await page.close();
    assert.deepEqual(faults, []);
  });

  const state = (wanted: string) =>
    page.locator(`html[data-state="${wanted}"]`).waitFor({ state: 'attached' });
  const open = async (rest = '') => {
    await page.goto(`${server.url}/library${rest}`);
    await state('fresh');
  };
  const titles = () => page.locator('.card-title').allTextContents();
  const shows = (wanted: string[]) =>
    waitFor(`the broadcasts shows ${wanted.join(', ')}`, async () => {
      const found = await titles();
      if (found.join() !== wanted.join()) throw new Error(`it shows ${found.join(', ')}`);
      return true;
    });
  const search = () => new URL(page.url()).search;
  /** Many lessons, an hour apart. */
  const fill = (count: number) => {
    server.api.library.broadcasts = Array.from({ length: count }, (_, i) =>
      fakeBroadcast({ id: `l${i}`, title: `Lesson ${i}`, startMs: NOON - i * 3_600_000 }),
    );
  };

  it('shows what was on air, the newest first, with pictures and lengths, and marks what is on air', async () => {
    await open();
    assert.deepEqual(await titles(), ['Circles', 'Angles', 'Light', 'Lines']);
    await page.getByText('4 in all').waitFor();
    const [now, angles] = await page.locator('.broadcast').all();
    await now?.getByText('Live').waitFor();
    await angles?.getByText('1:36').waitFor();
    assert.equal(
      await angles?.locator('img').getAttribute('src'),
      '/api/channels/maths/broadcasts/a/poster.jpg',
    );
  });

  it('has pictures as wide as their cards', async () => {
    await open();
    const [card, poster] = [page.locator('.broadcast').nth(1), page.locator('.poster').nth(1)];
    const widths = await Promise.all([card.boundingBox(), poster.boundingBox()]);
    assert.ok(Math.abs((widths[0]?.width ?? 0) - (widths[1]?.width ?? 9)) <= 2);
  });

  it('leads to the replay, and to the live page of what is on air', async () => {
    await open('#token=aaa.bbb.ccc');
    const href = (name: RegExp) => page.getByRole('link', { name }).getAttribute('href');
    assert.equal(await href(/Angles/), '/watch/maths/a#token=aaa.bbb.ccc');
    assert.equal(await href(/Circles/), '/watch/maths#token=aaa.bbb.ccc');
    assert.equal(await href(/All classes/), '/#token=aaa.bbb.ccc');
    assert.ok(server.api.asked.every(({ authorization }) => authorization === 'Bearer aaa.bbb.ccc'));
    const poster = await page.locator('.broadcast img').first().getAttribute('src');
    assert.match(poster ?? '', /poster\.jpg\?token=v\.v\.v$/);
  });

  it('is found from the lobby and from a class', async () => {
    await page.goto(server.url);
    await page.getByRole('link', { name: 'Recordings' }).click();
    await state('fresh');
    await page.goto(`${server.url}/watch/maths`);
    await page.getByRole('link', { name: 'Recordings' }).click();
    await shows(['Circles', 'Angles', 'Lines']);
    await page.getByRole('button', { name: /Only this class: Mathematics/ }).click();
    await shows(['Circles', 'Angles', 'Light', 'Lines']);
  });

  it('is narrowed by grade, subject, teacher and days; the address says so, and Back undoes it', async () => {
    await open();
    await page.getByLabel('Grade', { exact: true }).selectOption('Grade 7');
    await shows(['Circles', 'Angles']);
    await page.getByLabel('Subject', { exact: true }).selectOption('Geometry');
    await shows(['Angles']);
    assert.equal(search(), '?grade=7&subject=Geometry');
    await page.goBack();
    await shows(['Circles', 'Angles']);
    assert.equal(await page.getByLabel('Subject', { exact: true }).inputValue(), '');
    await page.goBack();
    await shows(['Circles', 'Angles', 'Light', 'Lines']);
    await page.getByLabel('Teacher', { exact: true }).selectOption('Mr Wu');
    await shows(['Light']);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('From', { exact: true }).fill('2026-03-08');
    await page.getByLabel('To', { exact: true }).fill('2026-03-09');
    await shows(['Angles', 'Light']);
  });

  it('is opened by a link as it was sent', async () => {
    await open('?teacher=Ms+Li&q=lines');
    await shows(['Lines']);
    assert.equal(await page.getByRole('searchbox').inputValue(), 'lines');
    assert.equal(await page.getByLabel('Teacher', { exact: true }).inputValue(), 'Ms Li');
  });

  it('is searched while one types, which is one step back', async () => {
    await open();
    await page.getByRole('searchbox').pressSequentially('li wu', { delay: 5 });
    await shows(['Light']);
    assert.equal(search(), '?q=li+wu');
    await page.goBack();
    await shows(['Circles', 'Angles', 'Light', 'Lines']);
    await waitFor('the words are gone', async () => (await page.getByRole('searchbox').inputValue()) === '');
  });

  it('comes in pages: more by scrolling, never twice, and never all at once', async () => {
    fill(130);
    await open();
    assert.equal((await titles()).length, 48);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await waitFor('a second page', async () => (await titles()).length === 96);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await waitFor('the last page', async () => (await titles()).length === 130);
    assert.equal(new Set(await titles()).size, 130);
    assert.equal(await page.getByRole('button', { name: 'Show more' }).count(), 0);
    assert.ok(server.api.library.asked.every((asked) => asked.includes('limit=48')));
    assert.deepEqual(
      server.api.library.asked.map((asked) => asked.includes('facets=no')),
      [false, true, true],
    );
  });

  it('comes by a button as well, for who does not scroll', async () => {
    fill(60);
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.addInitScript(() => {
      IntersectionObserver.prototype.observe = () => {};
    });
    await open();
    await page.getByRole('button', { name: 'Show more' }).press('Enter');
    await waitFor('the rest', async () => (await titles()).length === 60);
  });

  it('is where one left it when one comes back', async () => {
    fill(130);
    await open();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await waitFor('a second page', async () => (await titles()).length === 96);
    const link = page.getByRole('link', { name: /Lesson 60/ });
    await link.scrollIntoViewIfNeeded();
    await link.click();
    await page.getByRole('heading', { name: 'Lesson 60' }).waitFor();
    await page.goBack();
    await state('fresh');
    await waitFor('the same lesson is on the screen', () =>
      page.getByRole('link', { name: /Lesson 60/ }).evaluate((element) => {
        const { top } = element.getBoundingClientRect();
        return top > -400 && top < innerHeight;
      }),
    );
  });

  const nothing = [
    { name: 'nothing was recorded', status: 200, text: 'Nothing has been recorded yet.' },
    { name: 'no access', status: 403, text: 'Please open this page with the link from your school.' },
    { name: 'no server', status: 503, text: 'Cannot reach the server. Trying again…' },
  ];
  for (const { name, status, text } of nothing) {
    it(`says in words why there is nothing: ${name}`, async () => {
      server.api.status = status;
      server.api.library.broadcasts = [];
      await page.goto(`${server.url}/library`);
      await page.getByText(text).waitFor();
    });
  }

  it('says when nothing fits, and keeps what was chosen in sight', async () => {
    await open('?teacher=Nobody');
    await page.getByText('No recording found.').waitFor();
    assert.equal(await page.getByLabel('Teacher', { exact: true }).inputValue(), 'Nobody');
  });

  it('keeps what it has when the server goes away, says so, and recovers', async () => {
    fill(60);
    await open();
    server.api.status = 0;
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.getByRole('alert').waitFor();
    assert.equal((await titles()).length, 48);
    server.api.status = 200;
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await waitFor('the rest', async () => (await titles()).length === 60);
  });

  it('shows no way to change anything to who may not', async () => {
    await open('#token=aaa.bbb.ccc');
    assert.equal(await page.getByRole('button', { name: /^Edit/ }).count(), 0);
  });

  describe("with a teacher's token", () => {
    const edit = async (title: string) => {
      await open(`#token=${TEACHER}`);
      await page.getByRole('button', { name: `Edit “${title}”` }).click();
      await page.getByRole('dialog').waitFor();
    };

    it('changes what is hers, and nothing else', async () => {
      await edit('Angles');
      assert.equal(await page.getByRole('button', { name: 'Edit “Light”' }).count(), 0);
    });

    it('renames, trims and keeps; the broadcasts follows, and the keyboard is where it was', async () => {
      await edit('Angles');
      await page.getByLabel('Title').fill('Angles and arcs');
      await page.getByLabel('To', { exact: true }).last().fill('1:10');
      await page.getByLabel(/Keep forever/).check();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      const startMs = NOON - DAY_MS;
      assert.deepEqual(server.api.library.changes, [
        {
          method: 'PATCH',
          path: '/api/channels/maths/broadcasts/a',
          body: { title: 'Angles and arcs', keep: true, trimStartMs: null, trimEndMs: startMs + 70_000 },
        },
      ]);
      await shows(['Circles', 'Angles and arcs', 'Light', 'Lines']);
      await page.getByText('Kept forever').waitFor();
      await page
        .getByRole('button', { name: 'Edit “Angles and arcs”' })
        .and(page.locator(':focus'))
        .waitFor();
    });

    it('says what is wrong, and saves nothing', async () => {
      await edit('Angles');
      await page.getByLabel('To', { exact: true }).last().fill('soon');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('alert').getByText('The end is not a time within the recording.').waitFor();
      server.api.status = 403;
      await page.getByLabel('To', { exact: true }).last().fill('');
      await page.getByLabel('Title').fill('New');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('alert').getByText('Your link does not allow this.').waitFor();
      assert.deepEqual(server.api.library.changes, []);
    });

    it('deletes only after asking, with the keyboard on the harmless answer', async () => {
      await edit('Angles');
      await page.getByRole('button', { name: 'Delete…' }).click();
      const no = page.getByRole('button', { name: 'Keep it' });
      await no.and(page.locator(':focus')).waitFor();
      await no.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      assert.deepEqual(server.api.library.changes, []);
      await page.getByRole('button', { name: 'Edit “Angles”' }).click();
      await page.getByRole('button', { name: 'Delete…' }).click();
      await page.getByRole('button', { name: 'Delete forever' }).click();
      await shows(['Circles', 'Light', 'Lines']);
      assert.deepEqual(
        server.api.library.changes.map(({ method }) => method),
        ['DELETE'],
      );
    });

    it('does not offer to delete or cut what is on air', async () => {
      await edit('Circles');
      assert.equal(await page.getByRole('button', { name: 'Delete…' }).count(), 0);
      assert.equal(await page.getByRole('group', { name: 'Part to show' }).count(), 0);
    });
  });

  it('speaks Chinese', async () => {
    await open();
    await page.getByRole('button', { name: 'Language: 中文' }).click();
    await page.getByRole('heading', { name: '课程回放' }).waitFor();
    assert.equal(await page.title(), '课程回放 · Lectern 讲台');
    await page.evaluate('localStorage.clear()');
  });

  it('fits the smallest phone', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    for (const path of ['/library', `/library?channel=maths#token=${TEACHER}`, '/']) {
      await page.goto(server.url + path);
      await state('fresh');
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, path);
    }
  });
});
