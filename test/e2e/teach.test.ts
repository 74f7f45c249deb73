/// <reference lib="dom" />
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { listChannels } from '../../origin/http/api/channels-routes.ts';
import { startChromium, type TestBrowser } from '../support/chromium.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { type Publisher, startPublisher } from '../support/publisher.ts';
import { RollCallClient, testToken } from '../support/roll-call-client.ts';
import { waitFor } from '../support/wait-for.ts';

const YAML = `channels:
  - {id: hall-7, title: Grade 7 mathematics, language: en, publishKey: hall-7-stream-key}
ladder: {rungs: [{height: 180, videoKbps: 150}], preset: ultrafast}
`;

describe("the teacher's page in a real browser", function () {
  this.timeout(180_000);
  let pipeline: TestPipeline;
  let publisher: Publisher;
  let browser: TestBrowser;
  let page: Page;
  let student: RollCallClient;
  const faults: string[] = [];
  let first = '';
  const count = (name: string): Promise<string> => page.locator(`.count-${name} dd`).innerText();
  /** Ends the call by its key, which does nothing in the first moments of a call: it may be the second press of another one. */
  const end = (): Promise<unknown> =>
    waitFor('the call is ended', async () => {
      await page.keyboard.press('e');
      return page.evaluate(() => document.documentElement.dataset['phase'] === 'grace');
    });
  const phase = (wanted: string): Promise<unknown> =>
    waitFor(`the call is ${wanted}`, () =>
      page.evaluate((want) => document.documentElement.dataset['phase'] === want, wanted),
    );

  before(async () => {
    pipeline = await startTestPipeline({ yaml: YAML });
    browser = await startChromium({ viewport: { width: 1280, height: 720 }, acceptDownloads: true });
    publisher = startPublisher({ url: pipeline.publishUrl('hall-7'), widthPx: 320, heightPx: 180 });
    await pipeline.waitForState('hall-7', 'on-air', 60_000);
    page = await browser.context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    const token = await testToken({ sub: 'teacher-1', name: '王老师', role: 'teacher' });
    await page.goto(`${pipeline.url}/teach/hall-7#token=${token}`);
    student = await RollCallClient.join(pipeline.url, { sub: 's-1', name: '李雷' });
  });
  after(async () => {
    student?.break();
    await browser?.stop();
    await publisher?.stop();
    await pipeline?.stop();
  });

  it('says where to publish, and how the stream is', async () => {
    match(await page.locator('input[name=server]').inputValue(), /^rtmp:\/\/127\.0\.0\.1:\d+\/live$/);
    equal(await page.locator('input[name=key]').getAttribute('type'), 'password');
    equal(await page.locator('input[name=key]').inputValue(), 'hall-7?key=hall-7-stream-key');
    await page.locator('.health li').first().waitFor();
  });

  it('says how much later students see her, and the API says where the time goes', async () => {
    await page.getByText(/Students see you \d+\.\d s later\./).waitFor();
    const headers = { authorization: await pipeline.authorization('operator') };
    const air = await waitFor('a report of the worker', async () => {
      const answer = await fetch(`${pipeline.url}/api/channels?detail=lag`, { headers });
      const { channels } = listChannels.responses[200].schema.parse(await answer.json());
      const found = channels[0]?.air ?? null;
      return found !== null && found.plan !== null ? found : null;
    });
    for (const stage of ['line', 'source', 'rung', 'sound', 'uplink', 'origin']) {
      equal(typeof air.lagMs[stage], 'number', stage);
    }
    ok([...(air.plan?.tracks ?? []), ...(air.plan?.away ?? [])].length > 0);
  });

  it('takes a class list, with names in Chinese, as spreadsheets of China save it', async () => {
    // "学号,姓名" and two students in GB 18030.
    const bytes = Buffer.from('d1a7bac52cd0d5c3fb0a732d312cc0eec0d70a732d322cbaabc3b7c3b70a', 'hex');
    await page.setInputFiles('input[type=file]', { name: 'class.csv', mimeType: 'text/csv', buffer: bytes });
    await page.getByRole('cell', { name: '韩梅梅' }).first().waitFor();
    await page.getByText('学号 → number · 姓名 → name').waitFor();
    equal(await page.getByText('2 students on the list.').count(), 0, 'nothing is taken yet');
    await page.getByRole('button', { name: 'Use this list' }).click();
    await page.getByText('The list was taken: 2 students on the list.').waitFor();
  });

  it('says in words what is wrong with a list, and leaves the one that is there', async () => {
    const buffer = Buffer.from('学号,姓名\ns-1,李雷\ns-1,韩梅梅\n');
    await page.setInputFiles('input[type=file]', { name: 'class.csv', mimeType: 'text/csv', buffer });
    await page.getByText('line 3: the number “s-1” is in line 2 already').waitFor();
    await page.getByRole('button', { name: 'Do not use it' }).click();
    await page.getByText('2 students on the list.', { exact: true }).waitFor();
  });

  it('calls the roll with one key, and shows who is there and who is missing', async () => {
    // A key is a key, though a time was chosen before it.
    await page.getByRole('radio', { name: '30 s' }).check();
    await page.keyboard.press('h');
    await phase('open');
    const call = await waitFor('the student is asked', () =>
      student.frames.find((frame) => frame.type === 'call'),
    );
    ok(call.type === 'call' && call.kind === 'presence');
    equal(call.windowMs, 30_000);
    first = call.callId;
    equal((await student.answer(call)).type, 'ack');
    await waitFor('one is present', async () => (await count('present')) === '1');
    equal(await count('absent'), '1');
    await page.locator('.names').getByText('韩梅梅').waitFor();
    // By chance: it is the same call still.
    await page.keyboard.press('h');
    await page.getByRole('button', { name: 'Present', exact: true }).click();
    await page.locator('.names').getByText('李雷').waitFor();
    await phase('open');
    equal(student.frames.filter((frame) => frame.type === 'call').length, 1);
    await end();
  });

  it('asks a question with answers to choose from, and draws the answers', async () => {
    await page.keyboard.press('c');
    await page.getByLabel('Question', { exact: true }).fill('3 × 4?');
    await page.getByLabel('Choice 1').fill('7');
    await page.getByLabel('Choice 2').fill('12');
    await page.keyboard.press('Enter');
    await phase('open');
    const call = await student.next('call', ({ kind }) => kind === 'choice');
    equal((await student.answer(call, { value: 1 })).type, 'ack');
    await waitFor('the bar', async () => (await page.locator('.bars li').nth(1).innerText()).includes('1'));
    await page.locator('.names li', { hasText: '李雷' }).getByText('12').waitFor();
    await page.keyboard.press('+');
    await student.next('call', ({ callId, windowMs }) => callId === call.callId && windowMs > call.windowMs);
    await end();
  });

  it('gives the attendance as CSV that begins with a byte order mark', async () => {
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Attendance (CSV)' }).click();
    const text = await readFile(await (await saved).path(), 'utf8');
    equal(text.charCodeAt(0), 0xfeff);
    match(text, /s-1,李雷,,yes,/);
    match(text, /s-2,韩梅梅,,yes,.*absent/);
    match((await saved).suggestedFilename(), /^.+ \d{4}-\d\d-\d\d \d\d\.\d\d attendance\.csv$/);
  });

  it('stands in the stream, and with the broadcast after it', async () => {
    const playlist = await (await fetch(`${pipeline.url}/live/hall-7/180p.m3u8`)).text();
    match(
      playlist,
      /#EXT-X-DATERANGE:ID="call-[a-z0-9]+",CLASS="org\.lectern\.roll-call".*END-DATE=.*X-ASK=/,
    );
    const answer = await fetch(`${pipeline.url}/api/broadcasts?channel=hall-7`);
    const { broadcasts } = (await answer.json()) as {
      broadcasts: { id: string; marks?: { kind: string; label: string }[] }[];
    };
    deepEqual(
      broadcasts[0]?.marks?.map(({ kind, label }) => [kind, label]),
      [
        ['presence', 'Who is here?'],
        ['choice', '3 × 4?'],
      ],
    );
  });

  it('calls once when its button is clicked twice', async () => {
    await page.getByRole('button', { name: 'Call the roll' }).click();
    // As soon as the other button is there, in the place of the first one.
    await page.waitForFunction(() => {
      const button = document.querySelector<HTMLButtonElement>('.end-button');
      button?.click();
      return button !== null;
    });
    await student.next('call', ({ kind, callId }) => kind === 'presence' && callId !== first);
    await page.getByText(/Students are answering: (1\d|2[0-8]) s left/).waitFor();
    await end();
    equal(new Set(student.frames.flatMap((frame) => (frame.type === 'call' ? frame.callId : []))).size, 3);
  });

  it('leaves the attendance with the broadcast when the call is over', async () => {
    const authorization = await pipeline.authorization('teacher');
    const headers = { authorization, 'content-type': 'application/json' };
    const order = (method: string, path: string, body: object): Promise<Response> =>
      fetch(`${pipeline.url}/api/rollcall/hall-7/calls${path}`, {
        method,
        headers,
        body: JSON.stringify(body),
      });
    const opened = await order('POST', '', { kind: 'hand', prompt: 'Who speaks?', graceMs: 2000 });
    const { callId, broadcast } = (await opened.json()) as { callId: string; broadcast: string };
    equal((await order('PATCH', `/${callId}`, { close: true })).status, 200);
    const attendance = await waitFor('the attendance', async () => {
      const answer = await fetch(`${pipeline.url}/api/channels/hall-7/broadcasts/${broadcast}/attendance`, {
        headers,
      });
      const found = (await answer.json()) as { calls?: unknown[]; students?: { id: string }[] };
      return found.calls?.length === 4 ? found : null;
    });
    deepEqual(
      attendance.students?.map(({ id }) => id),
      ['s-1', 's-2'],
    );
    const refused = await fetch(`${pipeline.url}/api/channels/hall-7/broadcasts/${broadcast}/attendance`);
    equal(refused.status, 401);
  });

  it('is found in the recording at the second at which it was called', async () => {
    await publisher.stop();
    type Kept = { id: string; startMs: number; replay: string | null; marks?: { atMs: number }[] };
    const broadcast = await waitFor(
      'the recording',
      async () => {
        const answer = await fetch(`${pipeline.url}/api/broadcasts?channel=hall-7`);
        const [first] = ((await answer.json()) as { broadcasts: Kept[] }).broadcasts;
        return first !== undefined && first.replay !== null ? first : null;
      },
      60_000,
    );
    const replay = await browser.context.newPage();
    replay.on('pageerror', (error) => faults.push(error.message));
    await replay.goto(`${pipeline.url}/watch/hall-7/${broadcast.id}`);
    const called = replay.locator('.roll-marks button').first();
    await called.waitFor();
    const atS = Math.floor(((broadcast.marks?.[0]?.atMs ?? 0) - broadcast.startMs) / 1000);
    equal(await called.locator('time').innerText(), `0:${String(atS).padStart(2, '0')}`);
    // They are drawn when the recording's length is known.
    await replay.locator('.seek-mark').nth(3).waitFor();
    equal(await replay.locator('.seek-mark').count(), 4);
    const playlist = await (
      await fetch(`${pipeline.url}${broadcast.replay?.replace('index', '180p')}`)
    ).text();
    match(playlist, /#EXT-X-DATERANGE:ID="call-[a-z0-9]+",CLASS="org\.lectern\.roll-call"/);
    const mpd = await (
      await fetch(`${pipeline.url}${broadcast.replay?.replace('index.m3u8', 'manifest.mpd')}`)
    ).text();
    match(mpd, /<EventStream schemeIdUri="urn:lectern:roll-call:2026"/);
  });

  it('raises no error', () => {
    deepEqual(faults, []);
  });
});

describe("the teacher's page without a teacher's link", function () {
  this.timeout(60_000);
  it('says what is missing', async () => {
    const pipeline = await startTestPipeline({ yaml: YAML });
    const browser = await startChromium();
    try {
      const page = await browser.context.newPage();
      await page.goto(`${pipeline.url}/teach/hall-7`);
      await page.getByText('This page needs your teacher link.').waitFor();
    } finally {
      await browser.stop();
      await pipeline.stop();
    }
  });
});
