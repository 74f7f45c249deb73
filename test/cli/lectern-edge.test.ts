import assert from 'node:assert/strict';
import { Machine } from './machine.ts';

/** A package manager that brings a Varnish. @param script of what it brings */
const bringing = (script: string): string => `case "$*" in
  *varnish*)
    printf '#!/bin/sh\\n${script}\\n' >"\${0%/*}/varnishd"
    chmod +x "\${0%/*}/varnishd" ;;
esac`;

describe('the script lectern and the edge', () => {
  let machine: Machine;
  let servers: Readonly<Record<string, string>>;
  beforeEach(() => {
    machine = new Machine();
    machine.addTestPrograms('#!/bin/sh\necho "$VARNISHD_PATH"\n');
    servers = machine.addServers();
    machine.add('sudo', '[ "$1" != -n ] || shift; exec "$@"');
  });
  afterEach(() => machine.root.remove());

  it('tells the tests where Varnish is, and installs none where there is one', async () => {
    machine.add('apt-get');
    const run = machine.lectern(['test'], servers);
    assert.equal(await run.exited(), 0, run.stderr());
    assert.equal(run.stdout(), 'varnishd\n');
    assert.deepEqual(machine.callsOf('apt-get'), []);
  });

  it('installs it with vmod_digest where it cannot read the configuration, and for the demo with an edge', async () => {
    for (const args of [['test'], ['demo', '--edge']]) {
      machine.add('varnishd', 'exit 2');
      machine.add('apt-get', bringing('exit 0'));
      const run = machine.lectern(args, servers);
      assert.equal(await run.exited(), 0, run.stderr());
      assert.match(machine.callsOf('apt-get').at(-1) ?? '', /install .* varnish varnish-vmod-digest$/);
    }
  });

  it('needs none for anything else', async () => {
    machine.add('varnishd', 'exit 2');
    machine.add('apt-get');
    for (const args of [['demo'], ['up'], ['token']]) await machine.lectern(args).exited();
    assert.deepEqual(machine.callsOf('apt-get'), []);
  });

  const failures = [
    {
      name: 'cannot be installed',
      brings: 'exit 100',
      want: /varnishd cannot read deploy\/edge\/lectern\.vcl/,
    },
    { name: 'lacks a module', brings: bringing('exit 2'), want: /vmod_digest .*\n.*varnishd -C -f /s },
  ];
  for (const { name, brings, want } of failures) {
    it(`fails and says why where it ${name}`, async () => {
      machine.add('varnishd', 'exit 2');
      machine.add('apt-get', brings);
      const run = machine.lectern(['test'], servers);
      assert.equal(await run.exited(), 1);
      assert.match(run.stderr(), want);
    });
  }

  it('fails where the variable names none', async () => {
    const run = machine.lectern(['test'], { ...servers, VARNISHD_PATH: '/nowhere/varnishd' });
    assert.equal(await run.exited(), 1);
    assert.match(run.stderr(), /VARNISHD_PATH=\/nowhere\/varnishd: there is no such program/);
  });
});
