import assert from 'node:assert/strict';
import { addHealth, healthOf } from '../../cli/admin.ts';
import { silentLogger } from '../../shared/logger.ts';
import { startHttpServer } from '../../shared/http-server.ts';
import type { Role, RoleName } from '../../shared/role.ts';

const role = (name: RoleName, lacks: string | null): Role => ({
  name,
  notReady: () => lacks,
  stop: async () => {},
});

describe('/healthz', () => {
  const expected: readonly RoleName[] = ['transcode', 'origin'];
  const table = [
    {
      name: 'all ready',
      roles: [role('origin', null), role('transcode', null)],
      stopping: false,
      want: 'ready',
    },
    { name: 'one not yet started', roles: [role('origin', null)], stopping: false, want: 'not-ready' },
    {
      name: 'one without what it needs',
      roles: [role('origin', null), role('transcode', 'no Redis')],
      stopping: false,
      want: 'not-ready',
    },
    {
      name: 'on the way out',
      roles: [role('origin', null), role('transcode', null)],
      stopping: true,
      want: 'stopping',
    },
  ];
  for (const { name, roles, stopping, want } of table) {
    it(`says ${want} for ${name}`, () => {
      assert.equal(
        healthOf({ expected, roles, recentErrors: () => null, isStopping: () => stopping }).status,
        want,
      );
    });
  }

  it('gives the reason of each role', () => {
    const roles = [role('transcode', 'no Redis')];
    assert.deepEqual(healthOf({ expected, roles, recentErrors: () => null, isStopping: () => false }), {
      status: 'not-ready',
      roles: { transcode: 'no Redis', origin: 'starting' },
    });
  });

  it('says of each role that it has logged errors; the role is ready all the same', () => {
    const roles = [role('origin', null), role('transcode', null)];
    const recentErrors = (name: RoleName): string | null => (name === 'origin' ? '2 errors' : null);
    assert.deepEqual(healthOf({ expected, roles, recentErrors, isStopping: () => false }), {
      status: 'ready',
      roles: { transcode: null, origin: null },
      errors: { origin: '2 errors' },
    });
  });

  it('is 503 with the reasons until all are ready, then 200, and never stored', async () => {
    const server = await startHttpServer({ host: '127.0.0.1', port: 0, logger: silentLogger });
    const roles = [role('transcode', null)];
    addHealth(server.routes, { expected, roles, recentErrors: () => null, isStopping: () => false });
    const early = await fetch(`${server.url}/healthz`);
    assert.equal(early.status, 503);
    assert.equal(early.headers.get('cache-control'), 'no-store');
    assert.match(await early.text(), /"origin":"starting"/);
    roles.push(role('origin', null));
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    await server.close(0);
  });
});
