import assert from 'node:assert/strict';
import { RtmpListener } from '../../../ingest/rtmp/rtmp-listener.ts';
import type { RtmpSession } from '../../../ingest/rtmp/rtmp-session.ts';
import { RtmpClient } from '../support/rtmp-client.ts';

const HOUR_MS = 3_600_000;

describe('ingest: many connections of one address', () => {
  it('one that waits for the answer to a wrong key goes before all others, and hears nothing sooner', async () => {
    const asked: (() => void)[] = [];
    const overflows: string[] = [];
    const events = {
      publish: (session: RtmpSession) => {
        if (session.request.streamName === 'right') session.accept();
        else session.refuse('wrong-key', 'the key is wrong', undefined, HOUR_MS);
        asked.shift()?.();
      },
      ...{ message: () => {}, answered: () => {}, gone: () => {}, refused: () => {}, failed: () => {} },
    };
    const listener = new RtmpListener(
      {
        ...{ host: '127.0.0.1', port: 0, maxConnections: 1000, nowMs: () => 0 },
        ...{ handshakeMs: HOUR_MS, publishMs: HOUR_MS, silenceMs: HOUR_MS, undecodable: new Set<string>() },
      },
      events,
      (_, open) => void overflows.push(open),
    );
    const port = await listener.listen();
    const publish = async (streamName: string): Promise<RtmpClient> => {
      const answered = new Promise<void>((resolve) => asked.push(resolve));
      const client = new RtmpClient(port);
      await client.publishAs(streamName);
      await answered;
      return client;
    };
    const idle = Array.from({ length: 62 }, () => new RtmpClient(port));
    await Promise.all(idle.map((client) => client.greet()));
    const guesses = [await publish('guess-1'), await publish('guess-2')];
    const teacher = await publish('right');
    await teacher.hears('NetStream.Publish.Start');
    await guesses[0]?.gone();
    assert.doesNotMatch(guesses[0]?.heard ?? '', /BadName|wrong/);
    assert.deepEqual([guesses[1]?.closed, ...idle.filter(({ closed }) => closed)], [false]);
    assert.deepEqual(overflows, ['64 connections of this address are not on air']);
    for (const client of [...idle, ...guesses, teacher]) client.close();
    await listener.close();
  });
});
