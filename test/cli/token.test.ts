import assert from 'node:assert/strict';
import { claimsFrom } from '../../cli/token.ts';
import { UsageError } from '../../cli/usage.ts';
import { verifyToken } from '../../shared/token.ts';
import { start } from '../support/process.ts';
import { ROOT } from '../house/source-files.ts';

const NOW_MS = 1_700_000_000_000;
const CONFIG = { channels: [] };
const ASKED = { role: 'teacher', channel: 'hall-7', name: 'Ms Li' };

describe('lectern token', () => {
  it('is for 12 hours, and for whom it is named', () => {
    assert.deepEqual(claimsFrom(ASKED, CONFIG, NOW_MS), {
      sub: 'Ms Li',
      name: 'Ms Li',
      channel: 'hall-7',
      role: 'teacher',
      exp: NOW_MS / 1000 + 12 * 3600,
    });
  });

  it('takes --sub and --hours', () => {
    const claims = claimsFrom({ ...ASKED, sub: 't-7', hours: '0.5' }, CONFIG, NOW_MS);
    assert.equal(claims.sub, 't-7');
    assert.equal(claims.exp, NOW_MS / 1000 + 1800);
  });

  it("takes '*' for every channel", () => {
    assert.equal(claimsFrom({ ...ASKED, channel: '*' }, CONFIG, NOW_MS).channel, '*');
  });

  const refused = [
    { name: 'no role', input: { role: undefined }, want: /^--role: want one of viewer, student, teacher/ },
    { name: 'an unknown role', input: { role: 'root' }, want: /^--role: .* got "root"$/ },
    { name: 'no channel', input: { channel: undefined }, want: /^--channel: / },
    { name: 'a channel that cannot be', input: { channel: 'Hall 7' }, want: /^--channel: .* got "Hall 7"$/ },
    { name: 'no name', input: { name: undefined }, want: /^--name: / },
    { name: 'an empty name', input: { name: '' }, want: /^--name: / },
    { name: 'a name of blanks', input: { name: ' ' }, want: /^--name: is empty$/ },
    { name: 'an empty number', input: { sub: '' }, want: /^--sub: is empty$/ },
    { name: 'a number that is too long', input: { sub: '7'.repeat(300) }, want: /^--sub: 300 characters/ },
    { name: 'a number with a line end', input: { sub: '7\r' }, want: /^--sub: has a control character$/ },
    { name: 'no time', input: { hours: '0' }, want: /^--hours: .* got "0"$/ },
    { name: 'time that is no number', input: { hours: 'long' }, want: /^--hours: .* got "long"$/ },
    { name: 'for ever', input: { hours: 'Infinity' }, want: /^--hours: / },
  ];
  for (const { name, input, want } of refused) {
    it(`refuses ${name}`, () => {
      const options = Object.fromEntries(
        Object.entries({ ...ASKED, ...input }).filter(([, value]) => value !== undefined),
      );
      assert.throws(
        () => claimsFrom(options, CONFIG, NOW_MS),
        (error) => error instanceof UsageError && want.test(error.message),
      );
    });
  }

  it('prints one token and nothing else', async () => {
    const secret = 'a-secret-of-some-length';
    const run = start(
      process.execPath,
      [
        '--import',
        'tsx',
        'cli/main.ts',
        'token',
        '--role',
        'student',
        '--channel',
        'hall-7',
        '--name',
        '李雷',
      ],
      { cwd: ROOT, env: { LECTERN_SECRET: secret, LECTERN_CONFIG: '' } },
    );
    assert.equal(await run.exited(), 0, run.stderr());
    assert.match(run.stdout(), /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    assert.equal(verifyToken(secret, run.stdout().trim(), Date.now()).name, '李雷');
  });
});
