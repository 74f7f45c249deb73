import { effect } from '@preact/signals';
import { fetchChannel, TIME_PATH, fetchServerTimeMs, isServed } from '../../channel/api.ts';
import { streamUrl } from '../../channel/links.ts';
import type { Rights } from '../../rights/rights.ts';
import { backoffMs } from '../../net/backoff.ts';
import type { LiveSession } from '../../live/live-session.ts';
import { type ClockAnswer, clockOffsetMs, roundTripMs } from '../../live/server-clock.ts';

/** How often the API is asked, in milliseconds: the stream itself has the run, and the rest hardly changes. */
const EVERY_MS = 30_000;
/** While the teacher's encoder does not send everything, students wait for news. Milliseconds. */
const AWAITED_EVERY_MS = 8000;
/** When the stream reports that a class has started or ended, the API is asked within this time, not by all at once. */
const HURRY_MS = 4000;
const CLOCK_EVERY_MS = 300_000;
const CLOCK_ANSWERS = 3;
/** A round trip longer than this may be the page's own delay: it is measured again soon. Milliseconds. */
const LONG_TRIP_MS = 150;
const AGAIN_MS = 10_000;

/** Keeps the session's channel up to date for as long as the page lives. */
export function followChannel(session: LiveSession, id: string, rights: Rights): void {
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking = false;
  const later = (waitMs: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), waitMs);
  };
  const ask = async () => {
    asking = true;
    const answer = await fetchChannel(id, rights.own);
    asking = false;
    failures = answer.kind === 'ok' ? 0 : failures + 1;
    if (answer.kind === 'ok') session.view.channel.value = answer.value;
    const { denials } = session;
    denials.apiAnswered(answer.kind);
    // The engine is stopped, so that only this request finds out.
    if (denials.isMediaDenied && (await isServed(streamUrl(id, rights.address.value)))) denials.mediaServed();
    session.applyDenials();
    const isAwaited = (session.view.channel.peek()?.awaited ?? []).length > 0;
    const everyMs = isAwaited ? AWAITED_EVERY_MS : EVERY_MS;
    const waitMs =
      failures === 0 ? everyMs * (0.5 + Math.random()) : 1000 + backoffMs(failures, Math.random());
    later(waitMs);
  };
  effect(() => {
    const state = session.view.state.value;
    const known = session.view.channel.peek()?.state;
    const isNews = (state === 'on-air' || state === 'over') && known !== undefined && known !== state;
    if (isNews && !asking) later(500 + Math.random() * HURRY_MS);
  });
  void ask();
}

/** Keeps the session's offset to the server's clock up to date, from after the page has loaded. */
export function followClock(session: LiveSession): void {
  const ask = async () => {
    const answers: ClockAnswer[] = [];
    for (let i = 0; i < CLOCK_ANSWERS; i++) {
      const askedMs = Date.now();
      const serverMs = await fetchServerTimeMs();
      if (serverMs !== null) answers.push({ askedMs, answeredMs: Date.now(), serverMs });
    }
    if (answers.length > 0) session.setClockOffset(clockOffsetMs(answers));
    const tripMs = roundTripMs(answers, timedRequests());
    if (tripMs !== null) session.setRoundTrip(tripMs);
    const isSure = tripMs !== null && tripMs < LONG_TRIP_MS;
    setTimeout(() => void ask(), isSure ? CLOCK_EVERY_MS : AGAIN_MS);
  };
  setTimeout(() => void ask(), 500);
}

/** What the browser tells of the last requests for the time; nothing once its list is full. */
function timedRequests(): PerformanceResourceTiming[] {
  return performance
    .getEntriesByType('resource')
    .filter((entry) => entry instanceof PerformanceResourceTiming)
    .filter(({ name }) => new URL(name).pathname.endsWith(TIME_PATH))
    .slice(-CLOCK_ANSWERS);
}
