import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { addressesOf, upAnnouncement } from '../../cli/up-announcement.ts';
import { parseConfig } from '../../config/load.ts';
import { ROLE_NAMES, type RoleName } from '../../shared/role.ts';

const channels = (count: number): string =>
  `channels: [${Array.from({ length: count }, (_, i) => `{id: c-${i}, title: C, publishKey: a-long-key-${i}}`).join(', ')}]\n`;

const announce = (
  yaml: string,
  over: { roles?: readonly RoleName[]; rtmpUrl?: string | null } = {},
): string =>
  upAnnouncement({
    url: 'http://127.0.0.1:8080',
    rtmpUrl: 'rtmp://127.0.0.1:1935/live',
    adminUrl: 'http://127.0.0.1:9090',
    roles: ROLE_NAMES,
    config: parseConfig(yaml, {}),
    hosts: ['192.168.1.5', '[2001:db8::1]'],
    ...over,
  });

describe('what lectern up prints', () => {
  it('is its addresses, and those of the pages', () => {
    const said = announce(channels(2));
    assert.match(said, /^ingest, transcode, origin, rollcall: http:\/\/127\.0\.0\.1:8080\n/);
    assert.match(said, /^publish to rtmp:\/\/127\.0\.0\.1:1935\/live$/m);
    assert.match(said, /^from other machines: http:\/\/192\.168\.1\.5:8080, http:\/\/\[2001:db8::1\]:8080$/m);
    assert.match(said, /^ {2}all channels +http:\/\/localhost:8080\/$/m);
    assert.match(said, /^ {2}watch +http:\/\/localhost:8080\/watch\/c-1$/m);
    assert.match(said, /^ {2}teach +http:\/\/localhost:8080\/teach\/c-0#token=…$/m);
    assert.match(said, /lectern token --role teacher --channel c-0 --name NAME/);
    assert.match(said, /^ {2}operator +http:\/\/127\.0\.0\.1:9090\/metrics$/m);
  });

  it('names no more than five of many channels', () => {
    const said = announce(channels(9));
    assert.match(said, /watch\/c-4\n +and 4 more channels$/m);
    assert.doesNotMatch(said, /c-5/);
  });

  it('says what is missing without channels, and which token pages take where one is required', () => {
    assert.match(announce(''), /^no channels yet: /m);
    assert.match(announce(`access: token\n${channels(1)}`), /pages take a token behind #token=/);
  });

  it('says no address of other machines where it listens on one alone, and no pages without an origin', () => {
    assert.doesNotMatch(announce('http: {host: 127.0.0.1}'), /other machines/);
    const ingest = announce(channels(1), { roles: ['ingest'] });
    assert.doesNotMatch(ingest, /watch/);
    assert.match(ingest, /^ingest: /);
    assert.doesNotMatch(announce(channels(1), { roles: ['origin'], rtmpUrl: null }), /publish to/);
  });
});

describe('addresses of a machine', () => {
  const at = (address: string, family: 'IPv4' | 'IPv6', internal = false): NetworkInterfaceInfo => {
    const common = { address, internal, netmask: '', mac: '', cidr: null };
    return family === 'IPv4' ? { ...common, family } : { ...common, family, scopeid: 0 };
  };

  it('are those that others reach, IPv4 first', () => {
    const interfaces = {
      lo: [at('127.0.0.1', 'IPv4', true), at('::1', 'IPv6', true)],
      eth0: [at('2001:db8::1', 'IPv6'), at('fe80::1', 'IPv6'), at('192.168.1.5', 'IPv4')],
      wlan0: [at('169.254.7.7', 'IPv4'), at('10.0.0.2', 'IPv4')],
      none: undefined,
    };
    assert.deepEqual(addressesOf(interfaces), ['192.168.1.5', '10.0.0.2', '[2001:db8::1]']);
  });
});
