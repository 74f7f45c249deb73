import assert from 'node:assert/strict';

import { ROLE_NAMES, type RoleName } from '../../shared/role.ts';
import { type ClassState, fetchClassState } from '../support/class-state.ts';
import { type Publisher, startPublisher } from '../support/publisher.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { type RoleProcess, type RolesApart, rolesApart } from '../support/roles-apart.ts';
import { waitFor } from '../support/wait-for.ts';

/** Segments of a class that have to follow each other before it counts as on air again: 4.8 s. */
const SEGMENTS = 3;

describe('roles in processes of their own, with the default settings and Redis between them', () => {
  const running = new Map<RoleName, RoleProcess>();
  let redis: Redis;
  let roles: RolesApart;
  let publisher: Publisher | null = null;

  before(async () => {
    redis = await startRedis();
    roles = await rolesApart(redis.url);
  });
  after(async () => {
    await publisher?.stop();
    await roles.stop();
    await redis.stop();
  });

  const said = (): string =>
    [...running.values()].map(({ role, stderr }) => `${role}:\n${stderr().slice(-1500)}`).join('\n');
  const up = async (role: RoleName): Promise<void> => void running.set(role, await roles.up(role));
  const publish = (): void => {
    publisher = startPublisher({ url: roles.publishUrl });
  };
  const onAirAfter = (number: number, withinMs: number): Promise<ClassState> =>
    waitFor(
      `the class is on air with a segment after ${number}`,
      async () => {
        const now = await fetchClassState(roles.originUrl, 'hall-7');
        if (now.state === 'on-air' && now.newestNumber > number) return now;
        throw new Error(`it is ${JSON.stringify(now)}\n${said()}`);
      },
      withinMs,
    );
  /** Waits until segments of the class follow each other again. */
  const backOnAir = async (killedAt: ClassState, withinMs: number): Promise<void> => {
    const first = await onAirAfter(killedAt.newestNumber + SEGMENTS, withinMs);
    await onAirAfter(first.newestNumber + SEGMENTS, 30_000);
  };
  const healthy = async (): Promise<void> => {
    for (const { role, url } of running.values()) {
      const health = await waitFor(`${role} is ready`, async () => {
        const answer = await fetch(`${url}/healthz`);
        const text = await answer.text();
        if (answer.status !== 200) throw new Error(text);
        return text;
      });
      assert.deepEqual(JSON.parse(health), { status: 'ready', roles: { [role]: null } }, said());
    }
  };

  it('put a class on air, and none of them logs an error', async () => {
    await Promise.all(ROLE_NAMES.map(up));
    publish();
    await onAirAfter(0, 60_000);
    await healthy();
  }).timeout(150_000);

  /** What puts the class back on air once the role was killed. */
  const table: readonly { readonly role: RoleName; readonly next: string; recover(): Promise<void> }[] = [
    {
      role: 'transcode',
      next: 'a second worker takes over',
      recover: async () => {},
    },
    { role: 'origin', next: 'it is started again', recover: () => up('origin') },
    {
      role: 'ingest',
      next: 'it is started again, and the teacher publishes again',
      recover: async () => {
        await up('ingest');
        await publisher?.stop();
        publish();
      },
    },
    { role: 'rollcall', next: 'it is started again', recover: () => up('rollcall') },
  ];
  for (const { role, next, recover } of table) {
    it(`${role} is killed and ${next}: the class is on air again`, async () => {
      const killed = running.get(role);
      // The second worker is there already when the first one is killed.
      if (role === 'transcode') await up('transcode');
      const before = await onAirAfter(0, 30_000);
      await killed?.stop('SIGKILL');
      await recover();
      await backOnAir(before, 60_000);
      await healthy();
    }).timeout(180_000);
  }

  it('end with 0 on SIGTERM', async () => {
    await publisher?.stop();
    for (const role of running.values()) role.child.kill('SIGTERM');
    for (const role of running.values()) assert.equal(await role.exited(), 0, role.stderr());
  }).timeout(30_000);
});
