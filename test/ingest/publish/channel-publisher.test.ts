import { deepEqual, equal } from 'node:assert/strict';
import { mock } from 'node:test';
import { parseConfig } from '../../../config/load.ts';
import { createIngestMetrics } from '../../../ingest/ingest-metrics.ts';
import type { PublisherSession } from '../../../ingest/publish/accepted-publisher.ts';
import { ChannelPublisher } from '../../../ingest/publish/channel-publisher.ts';
import { SourceStreams } from '../../../ingest/source/source-streams.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { createMetrics } from '../../../shared/metrics.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from '../support/media-bodies.ts';
import { RecordingQueue } from '../support/test-ingest.ts';

const TAKEOVER_MS = 2000;
const TRANSCODER_WAIT_MS = 10_000;
const CONFIG = parseConfig('channels: [{ id: hall-7, title: Grade 7, publishKey: a-key }]', {}, 'test');

describe('the publisher of a channel', () => {
  let publisher: ChannelPublisher;
  let queue: RecordingQueue;
  let sources: SourceStreams;
  /** What sessions were told: `a accepted`. */
  let told: string[];

  beforeEach(() => {
    mock.timers.enable({
      apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'],
      now: 1_700_000_000_000,
    });
    told = [];
    queue = new RecordingQueue();
    sources = new SourceStreams();
    publisher = new ChannelPublisher('hall-7', {
      config: {
        secret: 'a secret of sixteen or more',
        rtmp: { ...CONFIG.rtmp, takeoverMs: TAKEOVER_MS, transcoderWaitMs: TRANSCODER_WAIT_MS },
      },
      clock: { nowMs: () => Date.now() },
      ...{ logger: silentLogger, metrics: createIngestMetrics(createMetrics()), queue, sources },
      ...{ undecodable: new Set<string>(), publicUrl: () => 'http://ingest' },
    });
  });
  afterEach(() => mock.timers.reset());

  /** A session that ends, as a real one does, when it is refused, and pauses once at a time. */
  const arrive = (id: string): PublisherSession => {
    let isClosed = false;
    let isPaused = false;
    const session: PublisherSession = {
      ...{ id, remote: `${id}:1` },
      accept: () => told.push(`${id} accepted`),
      hold: () => told.push(`${id} held`),
      guard: (run) => run(),
      pause: (pauseMs, onResume) => {
        if (isPaused) return;
        isPaused = true;
        told.push(`${id} paused ${pauseMs}`);
        setTimeout(() => {
          isPaused = false;
          onResume();
        }, pauseMs);
      },
      refuse: (reason) => {
        if (isClosed) return;
        isClosed = true;
        told.push(`${id} refused: ${reason}`);
        publisher.leave(session, false);
      },
    };
    publisher.arrive(session);
    return session;
  };
  const send = (session: PublisherSession, timestampMs: number): void => {
    publisher.message(session, { kind: 'video', timestampMs, payload: picture(true) });
    publisher.message(session, { kind: 'audio', timestampMs, payload: sound() });
  };
  const start = (session: PublisherSession): void => {
    publisher.message(session, { kind: 'video', timestampMs: 0, payload: AVC_CONFIG });
    publisher.message(session, { kind: 'audio', timestampMs: 0, payload: AAC_CONFIG });
    send(session, 0);
    for (let atMs = 0; atMs < 3000; atMs += 100) {
      mock.timers.tick(100);
      send(session, atMs + 100);
    }
  };

  it('refuses the session that waits when the holder sends media', () => {
    const a = arrive('a');
    arrive('b');
    mock.timers.tick(TAKEOVER_MS - 1);
    send(a, 0);
    mock.timers.tick(10 * TAKEOVER_MS);
    deepEqual(told, ['a accepted', 'b held', 'b refused: already-live']);
    equal(publisher.onAir?.session, a);
  });

  it('gives the seat to the session that waits when the holder was silent for takeoverMs', () => {
    arrive('a');
    const b = arrive('b');
    mock.timers.tick(TAKEOVER_MS - 1);
    deepEqual(told, ['a accepted', 'b held']);
    mock.timers.tick(2);
    deepEqual(told.slice(2), ['a refused: taken-over', 'b accepted']);
    equal(publisher.onAir?.session, b);
  });

  it('queues one job, and refuses the holder whose source no worker reads for transcoderWaitMs', () => {
    start(arrive('a'));
    deepEqual(
      queue.jobs.map(({ channel }) => channel),
      ['hall-7'],
    );
    mock.timers.tick(2 * TRANSCODER_WAIT_MS);
    deepEqual(told, ['a accepted', 'a refused: no-transcoder']);
    equal(publisher.onAir, null);
  });

  it('has no timer left when the publisher has stopped', () => {
    const a = arrive('a');
    start(a);
    publisher.leave(a, true);
    mock.timers.tick(2 * TRANSCODER_WAIT_MS);
    deepEqual(told, ['a accepted']);
  });

  it('pauses a publisher that is ahead of real time, which does not count as silence', () => {
    const a = arrive('a');
    for (let timestampMs = 0; timestampMs <= 8150; timestampMs += 50) send(a, timestampMs);
    arrive('b');
    mock.timers.tick(100);
    deepEqual(told, ['a accepted', 'a paused 50', 'b held', 'b refused: already-live', 'a paused 50']);
    mock.timers.tick(50);
    equal(told.length, 5);
  });
});
