import { type Bench, type BenchResult, type Row, rowAtMost } from './bench.ts';
import { type ArrivalsReport, runArrivals } from './crowd/arrivals.ts';
import { startWallClock } from './publish/wall-clock.ts';
import { startLectern } from './start/lectern-process.ts';

const ARRIVING = 900;
/** They arrive within this, milliseconds. */
const WITHIN_MS = 1000;
/** Time to arrive, to be told to come later, and to come; seconds. */
const SETTLE_S = 20;

/** More viewers than an origin can bear, all at the bell, beside an encoder: with the admission of viewers and without. */
export const arrivals: Bench = {
  name: 'arrivals',
  title: '900 viewers who arrive at once beside a publisher and an encoder',
  needs: ['ffmpeg'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const seconds = options.seconds ?? 20;
    const count = options.viewers?.[0] ?? ARRIVING;
    const open = await measureArrivals(count, seconds, false, say);
    const admitted = await measureArrivals(count, seconds, true, say);
    return {
      rows: arrivalRows(count, admitted, open),
      notes: [
        'all roles, the publisher, a ladder of one rung (360p) and the viewers share the cores',
        'release: from the first viewer who is told of a part to each other one; behind: a second or more, at least once',
      ],
      detail: { admitted, open },
    };
  },
};

async function measureArrivals(
  count: number,
  seconds: number,
  isLimited: boolean,
  say: (line: string) => void,
): Promise<ArrivalsReport> {
  const yaml =
    'channels: [{ id: hall-7, title: Hall 7, publishKey: hall-7-stream-key }]\nlatency: fast\n' +
    `ladder: { rungs: [{ height: 360, videoKbps: 500 }] }\nadmission: { enabled: ${isLimited} }\n`;
  const lectern = await startLectern(yaml);
  const publisher = await startWallClock({
    ...{ url: lectern.publishUrl('hall-7', 'hall-7-stream-key'), fps: 25, widthPx: 640, heightPx: 360 },
  });
  try {
    await lectern.waitForState('hall-7', 'on-air');
    const live = `${lectern.url}/live/hall-7`;
    const arriving = { entry: `${live}/index.m3u8`, count, withinMs: WITHIN_MS };
    const playlists = ['360p', 'audio'].map((id) => `${live}/${id}.m3u8`);
    const report = await runArrivals({ ...arriving, playlists }, SETTLE_S, seconds, null);
    const { inside, refused, unanswered, behind, releaseMs } = report;
    say(
      `${isLimited ? 'with' : 'without'} admission: ${inside} of ${count} in, ${refused} refusals, ${unanswered} unanswered, ` +
        `${behind} behind, release ${releaseMs.p50.toFixed(0)} / ${releaseMs.p99.toFixed(0)} ms (p50 / p99)`,
    );
    return report;
  } finally {
    await publisher.stop();
    await lectern.stop();
  }
}

function arrivalRows(count: number, admitted: ArrivalsReport, open: ArrivalsReport): Row[] {
  const peer = 'without admission';
  return [
    rowAtMost(`${count} arrive: watching after 20 s`, '', admitted.inside, null, peer, open.inside),
    rowAtMost(`${count} arrive: without an answer`, '', admitted.unanswered, 0, peer, open.unanswered),
    rowAtMost(`${count} arrive: watching, but behind`, '', admitted.behind, 0, peer, open.behind),
    rowAtMost(`${count} arrive: release p99`, 'ms', admitted.releaseMs.p99, null, peer, open.releaseMs.p99),
    rowAtMost(`${count} arrive: entered, p99`, 'ms', admitted.enteredMs.p99, null, peer, open.enteredMs.p99),
  ];
}
