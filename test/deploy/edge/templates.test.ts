import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../house/source-files.ts';

const FOLDER = join(ROOT, 'deploy/edge');
const VARNISHD = process.env['VARNISHD_PATH'] || 'varnishd';
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** Compiles a configuration, as `varnishd -C` does. */
function compile(folder: string, parameters: readonly string[] = []): void {
  execFileSync(VARNISHD, ['-j', 'none', '-C', '-f', join(folder, 'lectern.vcl'), ...parameters], {
    stdio: 'pipe',
  });
}

describe('the files of an edge', () => {
  it('are taken by Varnish as they are', () => compile(FOLDER));

  it('are taken without a check of tokens, which needs no module beside those of Varnish', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lectern-vcl-'));
    try {
      for (const name of ['lectern.vcl', 'without-tokens.vcl']) writeFileSync(join(folder, name), read(name));
      const site = read('site.vcl')
        .replace('include "./tokens.vcl"', 'include "./without-tokens.vcl"')
        .replace(/^sub lectern_sign \{\n(?:.*\n)*?\}\n\n/m, '');
      writeFileSync(join(folder, 'site.vcl'), site);
      assert.doesNotMatch(site, /digest\./);
      compile(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.conf'))) {
    it(`have settings that Varnish takes: ${name}`, () => {
      const text = read(name).replaceAll('\\\n', ' ');
      const command = /^ExecStart=(\S*varnishd .*)$/m.exec(text)?.[1] ?? '';
      const parameters = [...command.matchAll(/-p (\S+)/g)].flatMap(([, set = '']) => ['-p', set]);
      assert.ok(parameters.length > 10, command);
      compile(FOLDER, parameters);
      // systemd takes an empty one first, which clears that of the package.
      assert.match(text, /^ExecStart=$/m);
    });
  }

  it('have a front for TLS that Caddy takes', () => {
    const caddy = process.env['CADDY_PATH'] || 'caddy';
    execFileSync(
      caddy,
      ['adapt', '--config', join(FOLDER, 'Caddyfile'), '--adapter', 'caddyfile', '--validate'],
      {
        stdio: 'pipe',
      },
    );
  });
});
