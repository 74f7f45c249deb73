/**
 * Makes the pictures of the README: the watch page and the teacher's page of a class that is on air, with a question open.
 *
 *     npm run build && npx tsx docs/images/make-screenshots.ts
 *
 * Needs ffmpeg, Chromium (`CHROMIUM_PATH`) and a font with Chinese characters. Writes watch.jpg and teach.jpg beside this file.
 */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { findFont, startDemoPublisher } from '../../cli/demo-publisher.ts';
import { createLogger } from '../../shared/logger.ts';
import { startChromium } from '../../test/support/chromium.ts';
import { startTestPipeline } from '../../test/support/pipeline.ts';
import { RollCallClient, testToken } from '../../test/support/roll-call-client.ts';
import { waitFor } from '../../test/support/wait-for.ts';

const CHANNEL_YAML = `channels:
  - {id: hall-7, title: Sound and waves, grade: 7, subject: Physics, teacher: Ms Li, language: en, publishKey: hall-7-stream-key}
ladder: {mode: passthrough}
`;
const NAMES = [
  'Chen Jie',
  'Han Meimei',
  'Li Lei',
  'Lin Tao',
  'Liu Yang',
  'Wang Fang',
  'Zhao Min',
  'Zhou Wei',
];
const QUESTION = {
  kind: 'choice',
  prompt: 'Which of the two tones has the higher frequency?',
  choices: ['The first', 'The second', 'Both the same'],
  windowMs: 120_000,
};
const SLOW_MS = 90_000;

const ffmpegPath = process.env['FFMPEG_PATH'] || 'ffmpeg';
const pipeline = await startTestPipeline({ yaml: CHANNEL_YAML });
const publisher = startDemoPublisher({
  ffmpegPath,
  rtmpUrl: pipeline.publishUrl('hall-7'),
  fontFile: await findFont(ffmpegPath),
  logger: createLogger('warn'),
});
const browser = await startChromium({
  viewport: { width: 1120, height: 700 },
  locale: 'en',
  colorScheme: 'light',
});
const clients: RollCallClient[] = [];

try {
  await pipeline.waitForState('hall-7', 'on-air', SLOW_MS);
  await putClassList();
  for (const [at, name] of NAMES.entries())
    clients.push(await RollCallClient.join(pipeline.url, { sub: `s-${at}`, name }));
  const teach = await open('teach', await testToken({ sub: 'teacher-1', name: 'Ms Li', role: 'teacher' }));
  const watch = await open('watch', await testToken({ sub: 's-7', name: 'Zhou Wei' }));
  await waitFor(
    'the page plays',
    () => watch.evaluate('document.querySelector("video").currentTime > 0'),
    SLOW_MS,
  );

  const teacher = await RollCallClient.join(pipeline.url, { sub: 'teacher-2', role: 'teacher' });
  clients.push(teacher);
  const callId = await teacher.openCall(QUESTION);
  for (const [at, client] of clients.slice(0, 5).entries()) {
    await client.answer(await client.call(callId), { value: at === 2 ? 0 : 1 });
  }
  await watch.getByText(QUESTION.prompt).waitFor({ timeout: SLOW_MS });
  await waitFor(
    'five have answered',
    async () => (await teach.locator('.count-present dd').innerText()) === '5',
    SLOW_MS,
  );
  await take(watch, 'watch.jpg');
  await take(teach, 'teach.jpg');
} finally {
  for (const client of clients) client.break();
  await browser.stop();
  await publisher.stop();
  await pipeline.stop();
}

async function open(page: 'watch' | 'teach', token: string): Promise<Page> {
  const opened = await browser.context.newPage();
  await opened.goto(`${pipeline.url}/${page}/hall-7#token=${token}`);
  return opened;
}

async function putClassList(): Promise<void> {
  const rows = NAMES.map((name, at) => `s-${at},${name},7A`);
  const answer = await fetch(`${pipeline.url}/api/rollcall/hall-7/roster`, {
    method: 'PUT',
    headers: { Authorization: await pipeline.authorization('teacher'), 'Content-Type': 'text/csv' },
    body: ['id,name,group', ...rows].join('\n'),
  });
  if (!answer.ok) throw new Error(`the class list: ${answer.status} ${await answer.text()}`);
}

async function take(page: Page, file: string): Promise<void> {
  // A page in the background plays no picture.
  await page.bringToFront();
  await page.getByText('Live', { exact: true }).first().waitFor({ timeout: SLOW_MS });
  await page.mouse.move(560, 300);
  await page.screenshot({ path: join(import.meta.dirname, file), type: 'jpeg', quality: 82 });
}
