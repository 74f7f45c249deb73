import assert from 'node:assert/strict';
import { addressGroup, ClientAddresses, isProxyRange } from '../../shared/client-address.ts';

type From = Parameters<ClientAddresses['of']>[0];

/** A request as these functions see it. */
function from(remoteAddress: string, headers: Record<string, string> = {}): From {
  return { socket: { remoteAddress }, headers } as From;
}

describe('the address of a client', () => {
  const table: readonly {
    name: string;
    proxies: readonly string[];
    remote: string;
    forwarded?: string;
    want: string | null;
  }[] = [
    { name: 'straight', proxies: ['loopback'], remote: '203.0.113.5', want: '203.0.113.5' },
    {
      name: 'straight, on a dual-stack socket',
      proxies: [],
      remote: '::ffff:203.0.113.5',
      want: '203.0.113.5',
    },
    {
      name: 'by a proxy',
      proxies: ['loopback'],
      remote: '127.0.0.1',
      forwarded: '203.0.113.5',
      want: '203.0.113.5',
    },
    {
      name: 'by a proxy that nobody trusts',
      proxies: ['loopback'],
      remote: '198.51.100.1',
      forwarded: '203.0.113.5',
      want: '198.51.100.1',
    },
    {
      name: 'by a proxy, with a header of her own',
      proxies: ['loopback'],
      remote: '::1',
      forwarded: '10.9.9.9, 203.0.113.5',
      want: '203.0.113.5',
    },
    {
      name: 'by two proxies',
      proxies: ['loopback', '10.1.0.0/16'],
      remote: '127.0.0.1',
      forwarded: '9.9.9.9, 203.0.113.5, 10.1.2.3',
      want: '203.0.113.5',
    },
    {
      name: 'by a proxy that sends nonsense',
      proxies: ['loopback'],
      remote: '127.0.0.1',
      forwarded: 'unknown',
      want: null,
    },
    { name: 'by a proxy that sends no header', proxies: ['private'], remote: '10.0.0.2', want: null },
    {
      name: 'by proxies that are all trusted',
      proxies: ['10.1.0.0/16'],
      remote: '10.1.0.2',
      forwarded: '10.1.0.3',
      want: null,
    },
    {
      name: 'of the proxy’s network, with a header of her own',
      proxies: ['private'],
      remote: '10.0.0.2',
      forwarded: '9.9.9.9, 10.0.0.50',
      want: '10.0.0.50',
    },
    {
      name: 'by two proxies of a private network of which one is named',
      proxies: ['private', '10.0.0.3'],
      remote: '10.0.0.2',
      forwarded: '10.0.0.50, 10.0.0.3',
      want: '10.0.0.50',
    },
    {
      name: 'by a cache and a proxy on one machine',
      proxies: ['loopback'],
      remote: '127.0.0.1',
      forwarded: '203.0.113.5, 127.0.0.1',
      want: '203.0.113.5',
    },
    { name: 'once the connection is closed', proxies: [], remote: '', want: null },
    {
      name: 'by a proxy that adds a port',
      proxies: ['private'],
      remote: '10.0.0.2',
      forwarded: '203.0.113.5:61234',
      want: '203.0.113.5',
    },
    {
      name: 'by a proxy, IPv6 with a port',
      proxies: ['private'],
      remote: '10.0.0.2',
      forwarded: '[2001:db8::7]:443',
      want: '2001:db8::7',
    },
    {
      name: 'from a machine beside the proxy',
      proxies: ['10.0.0.2'],
      remote: '10.0.0.2',
      forwarded: '10.0.0.9',
      want: '10.0.0.9',
    },
  ];
  for (const { name, proxies, remote, forwarded, want } of table) {
    it(`${name}: ${want}`, () => {
      const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
      assert.equal(new ClientAddresses(proxies).of(from(remote, headers)), want);
    });
  }

  it('names a proxy that nobody trusts, once', () => {
    const said: string[] = [];
    const addresses = new ClientAddresses(['loopback'], (address) => said.push(address));
    for (const remote of ['127.0.0.1', '10.0.0.2', '10.0.0.3']) {
      addresses.of(from(remote));
      addresses.of(from(remote, { 'x-forwarded-for': '203.0.113.5' }));
    }
    assert.deepEqual(said, ['127.0.0.1', '10.0.0.2']);
  });

  it('names a proxy that sends no X-Forwarded-For, once; a browser on this machine is none', () => {
    const said: string[] = [];
    const addresses = new ClientAddresses(['loopback'], (_proxy, message) => said.push(message));
    addresses.of(from('127.0.0.1', { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }));
    assert.deepEqual(said, []);
    addresses.of(from('127.0.0.1', { host: '127.0.0.1:8080', origin: 'https://school.example' }));
    addresses.of(from('127.0.0.1', { host: 'school.example' }));
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /through 127\.0\.0\.1, which sends no X-Forwarded-For/);
  });

  it('is local only without any sign of a proxy', () => {
    const addresses = new ClientAddresses(['loopback']);
    const host = 'localhost:8080';
    assert.equal(addresses.isLocal(from('::1', { host })), true);
    assert.equal(addresses.isLocal(from('::ffff:127.0.0.1', { host })), true);
    assert.equal(addresses.isLocal(from('10.0.0.1', { host })), false);
    for (const name of ['x-forwarded-for', 'forwarded', 'via']) {
      assert.equal(addresses.isLocal(from('127.0.0.1', { host, [name]: '127.0.0.1' })), false, name);
    }
  });

  for (const { host, want } of [
    { host: 'localhost', want: true },
    { host: '127.0.0.1:8080', want: true },
    { host: '[::1]:8080', want: true },
    { host: 'school.example', want: false },
    { host: 'localhost.school.example', want: false },
    { host: '127.0.0.1.school.example', want: false },
    { host: '', want: false },
  ]) {
    it(`is ${want ? '' : 'not '}local where the request asks for ${JSON.stringify(host)}`, () => {
      assert.equal(new ClientAddresses([]).isLocal(from('127.0.0.1', { host })), want);
    });
  }

  it('came by TLS where a trusted proxy says so', () => {
    const addresses = new ClientAddresses(['10.0.0.2']);
    const said = { 'x-forwarded-proto': 'https' };
    assert.equal(addresses.isSecure(from('10.0.0.2', said)), true);
    assert.equal(addresses.isSecure(from('10.0.0.3', said)), false);
    assert.equal(addresses.isSecure(from('10.0.0.2', { 'x-forwarded-proto': 'https, http' })), false);
  });

  for (const { text, want } of [
    { text: 'loopback', want: true },
    { text: '10.0.0.0/8', want: true },
    { text: '2001:db8::/32', want: true },
    { text: '10.0.0.1', want: true },
    { text: '10.0.0.0/33', want: false },
    { text: '10.0.0.0/8/8', want: false },
    { text: 'proxy.example', want: false },
    { text: '', want: false },
  ]) {
    it(`${want ? 'takes' : 'refuses'} ${JSON.stringify(text)} as a range of proxies`, () => {
      assert.equal(isProxyRange(text), want);
      if (!want) assert.throws(() => new ClientAddresses([text]), /want an address or a range/);
    });
  }
});

describe('what a limit by address counts as one', () => {
  for (const { address, want } of [
    { address: '203.0.113.5', want: '203.0.113.5' },
    { address: '2001:db8:1:2:3:4:5:6', want: '2001:db8:1:2::/64' },
    { address: '2001:db8:1:2::6', want: '2001:db8:1:2::/64' },
    { address: '2001:DB8:0001:2::6', want: '2001:db8:1:2::/64' },
    { address: '2001:db8::6', want: '2001:db8:0:0::/64' },
    { address: '::1', want: '0:0:0:0::/64' },
    { address: '', want: '' },
  ]) {
    it(`${address}: ${want}`, () => assert.equal(addressGroup(address), want));
  }
});
