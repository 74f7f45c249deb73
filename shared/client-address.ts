import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { AppError } from './errors.ts';

/** Ranges that have a name, as in Express and nginx documentation. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', '169.254.0.0/16', 'fe80::/10'],
};

/** An IPv4 address in the form that a dual-stack socket gives. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Tells whether a text names proxies: `loopback`, `private`, an address, or a range such as `10.1.0.0/16`. */
export function isProxyRange(text: string): boolean {
  if (text in NAMED) return true;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

/**
 * Finds out whose request it is where proxies stand in between.
 *
 * `X-Forwarded-For` is believed as far as it was written by proxies that are trusted: from its end to the first address that is
 * none of them. Anybody can send the rest. `private` is for the peer alone: behind it a pupil of the same network would be one of
 * the proxies, and could send any address. A loopback address in the header is a proxy on the proxy's own machine.
 */
export class ClientAddresses {
  /** Proxies that may be the peer, and those that may stand behind it. */
  readonly #peers = new BlockList();
  readonly #behind = new BlockList();
  readonly #warn: (proxy: string, message: string) => void;
  readonly #said = new Set<string>();

  /**
   * @param proxies see {@link isProxyRange}
   * @param warn called once for each of: a proxy that is not trusted, and one that does not say whose requests it sends
   * @throws {AppError} `bad-config` for one that is no range
   */
  constructor(proxies: readonly string[], warn: (proxy: string, message: string) => void = () => {}) {
    this.#warn = warn;
    for (const proxy of proxies) {
      if (!isProxyRange(proxy)) {
        throw new AppError(`trusted proxy ${JSON.stringify(proxy)}: want an address or a range`, {
          code: 'bad-config',
        });
      }
      for (const range of NAMED[proxy] ?? [proxy]) {
        add(this.#peers, range);
        if (proxy !== 'private') add(this.#behind, range);
      }
    }
  }

  /**
   * The address of the client that sent a request, without a zone.
   *
   * @returns null where it is not known: the last address is that of a proxy, or the connection is closed. Limits by address do not
   *   count such requests: all clients of a proxy would be one
   */
  of(req: Pick<IncomingMessage, 'socket' | 'headers'>): string | null {
    const peer = plain(req.socket.remoteAddress ?? '');
    if (peer === '') return null;
    const forwarded = req.headers['x-forwarded-for'];
    if (!this.isTrusted(peer)) {
      if (forwarded !== undefined) this.#sayOnce(peer, UNTRUSTED);
      return peer;
    }
    const hops = String(forwarded ?? '').split(',');
    for (let i = hops.length - 1; i >= 0; i--) {
      const hop = plain(hops[i]?.trim() ?? '');
      if (isIP(hop) === 0) break;
      if (!isIn(this.#behind, hop)) return hop;
    }
    // A browser on this machine that needs no proxy is none.
    if (!this.isLocal(req)) this.#sayOnce(peer, SILENT);
    return null;
  }

  /** Whether a request came by TLS: to this process, or to a trusted proxy that says so. */
  isSecure(req: Pick<IncomingMessage, 'socket' | 'headers'>): boolean {
    if ('encrypted' in req.socket && req.socket.encrypted === true) return true;
    const said = String(req.headers['x-forwarded-proto'] ?? '')
      .split(',')
      .at(-1);
    return this.isTrusted(plain(req.socket.remoteAddress ?? '')) && said?.trim() === 'https';
  }

  /**
   * Whether a request came straight from this machine, and not through a proxy on it. A proxy that adds no header and asks for
   * `localhost` in place of the name that its client asked for cannot be told apart, unless the client is a browser that says which
   * site's page it shows.
   */
  isLocal(req: Pick<IncomingMessage, 'socket' | 'headers'>): boolean {
    const { headers, socket } = req;
    const isForwarded = FORWARDED.some((name) => headers[name] !== undefined);
    if (isForwarded || !LOOPBACK.test(plain(socket.remoteAddress ?? ''))) return false;
    const { host, origin } = headers;
    return (
      isLocalHost(host ?? '') && (origin === undefined || isLocalHost(origin.replace(/^https?:\/\//, '')))
    );
  }

  /** Whether an address is that of a proxy whose headers are believed. */
  isTrusted(address: string): boolean {
    return isIn(this.#peers, address);
  }

  #sayOnce(proxy: string, what: string): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    this.#warn(proxy, `requests come through ${proxy}, ${what}`);
  }
}

const UNTRUSTED =
  'which http.trustedProxies does not name: limits by address count all of its clients as one';
const SILENT =
  'which sends no X-Forwarded-For: limits by address do not count them; nginx wants proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;';
/** What proxies add. */
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded', 'via'];
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1)$/;

/** @param host with or without a port, as in the header `Host` */
function isLocalHost(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host);
}

function add(list: BlockList, range: string): void {
  const [address = '', bits] = range.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(bits), family);
}

function isIn(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/**
 * What limits by address are counted under. A network gives a subscriber 2⁶⁴ addresses of IPv6, so these count as one (RFC 6177).
 *
 * @param address of {@link ClientAddresses.of}
 */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const words = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  const net = words.slice(0, 4).map((word) => Number.parseInt(word, 16).toString(16));
  return `${net.join(':')}::/64`;
}

function plain(address: string): string {
  const bare = address.replace(/^\[|\](:\d+)?$/g, '').split('%', 1)[0] ?? '';
  return (
    MAPPED.exec(bare)?.[1] ?? (isIP(bare) === 0 ? bare.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1') : bare)
  );
}
