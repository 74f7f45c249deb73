import { setTimeout as after } from 'node:timers/promises';
import { LATENCY_PROFILES } from '../config/schema.ts';
import { checkMpdHistory } from '../test/conformance/mpd-rules.ts';
import { checkPlaylistHistory } from '../test/conformance/playlist-history.ts';
import { summarize, type Violation } from '../test/conformance/violation.ts';
import { type Publisher, startPublisher } from '../test/support/publisher.ts';
import type { Bench, BenchResult, Row } from './bench.ts';
import { HistoryRecorder } from './history/recorder.ts';
import { startLectern } from './start/lectern-process.ts';

/** How long the line is down in the middle of the run, and how long the class is over later on, in milliseconds. */
const LINE_DOWN_MS = 8000;
const BREAK_MS = 6000;

/** A long run at all latency profiles, with a publisher who vanishes and comes back, against every rule. */
export const conformance: Bench = {
  name: 'conformance',
  title: 'every MUST of LL-HLS and LL-DASH, over a run with a reconnect in it',
  needs: ['ffmpeg'],
  run: async ({ options, say }): Promise<BenchResult> => {
    const profiles = options.profiles ?? LATENCY_PROFILES;
    const minutes = options.minutes ?? 10;
    const yaml = [
      'channels:',
      ...profiles.map(
        (profile) =>
          `  - {id: ${profile}, title: A channel, publishKey: the-stream-key, latency: ${profile}}`,
      ),
      // The rules do not see how large a picture is, and three ladders have to fit into one machine.
      'ladder: {rungs: [{height: 360, videoKbps: 400}, {height: 240, videoKbps: 200}]}',
      '',
    ].join('\n');
    const lectern = await startLectern(yaml);
    const publish = (): Publisher[] =>
      profiles.map((channel) =>
        startPublisher({ url: lectern.publishUrl(channel, 'the-stream-key'), gopS: 2 }),
      );
    const onAir = async (): Promise<void> => {
      await Promise.all(profiles.map((channel) => lectern.waitForState(channel, 'on-air')));
    };
    const recorders = profiles.map((channel) => new HistoryRecorder(`${lectern.url}/live/${channel}`));
    let publishers: Publisher[] = [];
    try {
      // From before class on: joining, the change to the class, and what follows are all in it.
      const recorded = Promise.all(recorders.map((recorder) => recorder.run()));
      const share = (part: number): Promise<void> => after(minutes * 60_000 * part);
      await after(3000);
      publishers = publish();
      await onAir();
      await share(0.4);
      say('the publishers vanish');
      await Promise.all(publishers.map((publisher) => publisher.vanish()));
      await after(LINE_DOWN_MS);
      publishers = publish();
      await onAir();
      say('and are back');
      await share(0.4);
      await Promise.all(publishers.map((publisher) => publisher.stop()));
      await after(BREAK_MS);
      publishers = publish();
      await onAir();
      say('a second class, after the first one was over');
      await share(0.2);
      for (const recorder of recorders) recorder.stop();
      await recorded;
    } finally {
      await Promise.all(publishers.map((publisher) => publisher.stop()));
      await lectern.stop();
    }
    const rows: Row[] = [];
    const notes: string[] = [];
    let broken = false;
    for (const [at, profile] of profiles.entries()) {
      const history = recorders[at]?.history ?? { playlists: [], mpds: [], media: [], lost: [] };
      const found: readonly Violation[] = [
        ...checkPlaylistHistory(history.playlists, history.media),
        ...checkMpdHistory(history.mpds),
      ];
      const rules = new Set(found.map(({ section, rule }) => `${section} ${rule}`));
      broken ||= rules.size > 0 || history.lost.length > 0;
      rows.push(
        { ...none, what: `${profile}: rules broken`, ours: rules.size, mark: '≤ 0', met: rules.size === 0 },
        {
          ...none,
          what: `${profile}: playlists and manifests`,
          ours: history.playlists.length + history.mpds.length,
        },
        { ...none, what: `${profile}: parts and segments`, ours: history.media.length },
        {
          ...none,
          what: `${profile}: requests without an answer`,
          ours: history.lost.length,
          mark: '≤ 0',
          met: history.lost.length === 0,
        },
      );
      if (found.length > 0)
        notes.push(
          ...summarize(found)
            .split('\n')
            .map((line) => `${profile}: ${line}`),
        );
      if (history.lost[0] !== undefined) notes.push(`${profile}: ${history.lost[0]}`);
    }
    return { rows, notes, detail: { minutes, profiles }, broken };
  },
};

const none: Row = { what: '', unit: '', ours: null, peer: '', theirs: null, mark: '', met: null };
