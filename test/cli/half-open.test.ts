import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { ROOT } from '../house/source-files.ts';
import { HALL_7_YAML } from '../support/pipeline.ts';
import { type Started, start } from '../support/process.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

const COUNT = 10_000;
/** Dialled at once: more would only wait in the system's queue. */
const BATCH = 500;

describe('ten thousand half-open requests', () => {
  const sockets: Socket[] = [];
  let directory: TempDir;
  let up: Started;
  before(() => {
    directory = makeTempDir();
    const config = join(directory.path, 'lectern.yaml');
    writeFileSync(config, HALL_7_YAML);
    // A process of its own: each side has its own limit of open files.
    up = start(process.execPath, ['--import', 'tsx', 'cli/main.ts', 'up', '--config', config], {
      cwd: ROOT,
      env: {
        LECTERN_DATA_DIR: directory.path,
        LECTERN_HTTP_PORT: '0',
        LECTERN_RTMP_PORT: '0',
        REDIS_URL: '',
      },
    });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await up.stop();
    directory.remove();
  });

  it('are borne: others are answered meanwhile, each gets 408 or is closed, and nothing is left of them', async () => {
    await up.waitForOutput('http://');
    const url = /http:\/\/\S+/.exec(up.stdout())?.[0] ?? '';
    const dial = async (): Promise<void> => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      sockets.push(socket);
      await once(socket, 'connect');
      socket.on('error', () => {}).resume();
      socket.write('GET /live/hall-7/index.m3u8 HTTP/1.1\r\nHost: x\r\nX-Half: ');
    };
    while (sockets.length < COUNT) await Promise.all(Array.from({ length: BATCH }, dial));

    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    assert.equal((await fetch(`${url}/live/hall-7/index.m3u8`)).status, 200);
    await waitFor('all of them are closed', () => sockets.every((socket) => socket.closed), 60_000);
    // The other side learns of its own ten thousand ends after us.
    const open = async (): Promise<number> => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return Number(/^lectern_http_connections (\d+)/m.exec(metrics)?.[1]);
    };
    await waitFor('the server counts none of them', async () => (await open()) < 10, 20_000);
    assert.equal((await fetch(`${url}/live/hall-7/index.m3u8`)).status, 200);
  }).timeout(90_000);
});
