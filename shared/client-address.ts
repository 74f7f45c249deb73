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
 * none of them. Anybody can send the rest.
 */
export class ClientAddresses {
  readonly #trusted = new BlockList();
  readonly #onUntrusted: (address: string) => void;
  #isSaid = false;

  /**
   * @param proxies see {@link isProxyRange}
   * @param onUntrusted called once, for a proxy that is not trusted: all of its clients count as one
   * @throws {AppError} `bad-config` for one that is no range
   */
  constructor(proxies: readonly string[], onUntrusted: (address: string) => void = () => {}) {
    this.#onUntrusted = onUntrusted;
    for (const proxy of proxies) {
      if (!isProxyRange(proxy)) {
        throw new AppError(`trusted proxy ${JSON.stringify(proxy)}: want an address or a range`, {
          code: 'bad-config',
        });
      }
      for (const range of NAMED[proxy] ?? [proxy]) this.#trust(range);
    }
  }

  /** The address of the client that sent a request, without a zone; '' once its connection is closed. */
  of(req: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    let address = plain(req.socket.remoteAddress ?? '');
    const forwarded = req.headers['x-forwarded-for'];
    if (forwarded !== undefined && !this.#isSaid && !this.isTrusted(address)) {
      this.#isSaid = true;
      this.#onUntrusted(address);
    }
    const hops = String(forwarded ?? '').split(',');
    for (let i = hops.length - 1; i >= 0 && this.isTrusted(address); i--) {
      const hop = plain(hops[i]?.trim() ?? '');
      if (isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  }

  /** Whether a request came by TLS: to this process, or to a trusted proxy that says so. */
  isSecure(req: Pick<IncomingMessage, 'socket' | 'headers'>): boolean {
    if ('encrypted' in req.socket && req.socket.encrypted === true) return true;
    const said = String(req.headers['x-forwarded-proto'] ?? '')
      .split(',')
      .at(-1);
    return this.isTrusted(plain(req.socket.remoteAddress ?? '')) && said?.trim() === 'https';
  }

  /** Whether a request came straight from this machine, and not through a proxy on it. */
  isLocal(req: Pick<IncomingMessage, 'socket' | 'headers'>): boolean {
    const { headers, socket } = req;
    const isForwarded = ['x-forwarded-for', 'forwarded', 'via'].some((name) => headers[name] !== undefined);
    return !isForwarded && LOOPBACK.test(plain(socket.remoteAddress ?? ''));
  }

  /** Whether an address is that of a proxy whose headers are believed. */
  isTrusted(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#trusted.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }

  #trust(range: string): void {
    const [address = '', bits] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (bits === undefined) this.#trusted.addAddress(address, family);
    else this.#trusted.addSubnet(address, Number(bits), family);
  }
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1)$/;

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
