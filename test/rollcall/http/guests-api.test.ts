import { deepEqual, equal, ok } from 'node:assert/strict';
import { createGuestsApi } from '../../../rollcall/http/guests-api.ts';
import { type HttpServer, startHttpServer } from '../../../shared/http-server.ts';
import { silentLogger } from '../../../shared/logger.ts';

const PER_ADDRESS = 10;
const PER_CHANNEL = 25;
const ALL = 50;
const AN_HOUR = 60;
const limits = { perSecond: ALL, perAddress: PER_ADDRESS, perChannel: PER_CHANNEL, newPerAddress: AN_HOUR };

describe('the door for guests', () => {
  let server: HttpServer;
  let steadyMs: number;
  beforeEach(async () => {
    steadyMs = 0;
    server = await startHttpServer({ host: '127.0.0.1', port: 0, logger: silentLogger });
    server.routes.use(
      createGuestsApi({
        ...{
          secret: 'a-secret-of-32-characters-or-more',
          guests: true,
          nowMs: () => 0,
          steadyMs: () => steadyMs,
        },
        limits,
        hasChannel: () => true,
        clientAddress: ({ headers }) => (typeof headers['x-from'] === 'string' ? headers['x-from'] : null),
        isShared: () => false,
      }),
    );
  });
  afterEach(() => server.close(0));

  const ask = (channel: string, address: string | null, token?: string): Promise<Response> =>
    fetch(`${server.url}/api/rollcall/${channel}/guests`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(address === null ? {} : { 'x-from': address }) },
      body: JSON.stringify({ name: 'Li', token }),
    });
  /** How many of so many requests were let in; each other one is told when to come back. */
  const letIn = async (
    count: number,
    channel: string,
    addressOf: (i: number) => string | null,
  ): Promise<number> => {
    const answers = await Promise.all(Array.from({ length: count }, (_, i) => ask(channel, addressOf(i))));
    let admitted = 0;
    for (const answer of answers) {
      await answer.arrayBuffer();
      if (answer.status === 200) admitted++;
      else {
        equal(answer.status, 503);
        ok(Number(answer.headers.get('retry-after')) >= 5);
      }
    }
    return admitted;
  };

  it('is that of one address: who knocks on it without end leaves it open to others, and on other channels', async () => {
    equal(await letIn(PER_ADDRESS + 5, 'hall-7', () => '203.0.113.5'), PER_ADDRESS);
    equal(await letIn(5, 'hall-8', () => '203.0.113.5'), 0);
    equal(await letIn(12, 'hall-7', (i) => `198.51.100.${i}`), 12);
  });

  it('takes an IPv6 network for one address', async () => {
    equal(await letIn(PER_ADDRESS + 3, 'hall-7', (i) => `2001:db8:1:2::${i.toString(16)}`), PER_ADDRESS);
    equal(await letIn(1, 'hall-7', () => '2001:db8:1:3::1'), 1);
  });

  it('is that of one channel: a crowd at one leaves the others open, and all together have one', async () => {
    equal(await letIn(PER_CHANNEL + 3, 'hall-7', (i) => `198.51.100.${i}`), PER_CHANNEL);
    equal(await letIn(20, 'hall-8', (i) => `192.0.2.${i}`), 20);
    equal(await letIn(9, 'hall-9', (i) => `203.0.113.${i}`), ALL - PER_CHANNEL - 20);
  });

  it('is that of the channel alone where addresses are not known', async () => {
    equal(await letIn(PER_CHANNEL + 4, 'hall-7', () => null), PER_CHANNEL);
  });

  it('lets in as many again each second', async () => {
    equal(await letIn(PER_ADDRESS, 'hall-7', () => '203.0.113.5'), PER_ADDRESS);
    steadyMs += 500;
    equal(await letIn(PER_ADDRESS, 'hall-7', () => '203.0.113.5'), PER_ADDRESS / 2);
  });

  it('lets in no more new people of one address in an hour than a school has, and those who come again', async () => {
    const first = (await (await ask('hall-7', '203.0.113.5')).json()) as { token: string; sub: string };
    let admitted = 1;
    for (let second = 1; second <= AN_HOUR / PER_ADDRESS + 1; second++) {
      steadyMs += 1000;
      admitted += await letIn(PER_ADDRESS, 'hall-7', () => '203.0.113.5');
    }
    // The hour has given some again meanwhile.
    ok(admitted >= AN_HOUR && admitted <= AN_HOUR + 1, `${admitted}`);
    steadyMs += 1000;
    const again = await ask('hall-7', '203.0.113.5', first.token);
    deepEqual([again.status, ((await again.json()) as { sub: string }).sub], [200, first.sub]);
    steadyMs += 1000;
    equal((await ask('hall-7', '203.0.113.6')).status, 200);
  });
});
