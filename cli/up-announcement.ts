import type { NetworkInterfaceInfo } from 'node:os';
import type { LecternConfig } from '../config/schema.ts';
import type { RoleName } from '../shared/role.ts';

/** Channels whose addresses are printed. */
const MOST_CHANNELS = 5;
/** Other addresses of the machine that are printed. */
const MOST_HOSTS = 3;

/** Addresses that mean every address of the machine. */
const EVERY = new Set(['0.0.0.0', '::', '']);

/**
 * Renders what `lectern up` prints when its roles have started: where it is, and what can be opened there.
 *
 * @param url of the HTTP server, from this machine
 * @param rtmpUrl where publishers go, from this machine; null without the role ingest
 * @param hosts addresses of this machine that others can reach
 */
export function upAnnouncement({
  url,
  rtmpUrl,
  adminUrl,
  roles,
  config,
  hosts,
}: {
  readonly url: string;
  readonly rtmpUrl: string | null;
  readonly adminUrl: string;
  readonly roles: readonly RoleName[];
  readonly config: Pick<LecternConfig, 'channels' | 'access' | 'http'>;
  readonly hosts: readonly string[];
}): string {
  const { channels, access, http } = config;
  const lines = [`${roles.join(', ')}: ${url}`];
  if (rtmpUrl !== null) lines.push(`publish to ${rtmpUrl}`);
  if (EVERY.has(http.host)) {
    const port = new URL(url).port;
    const others = hosts.slice(0, MOST_HOSTS).map((host) => `http://${host}:${port}`);
    if (others.length > 0) lines.push(`from other machines: ${others.join(', ')}`);
  }
  if (channels.length === 0)
    lines.push('no channels yet: name a configuration with --config or LECTERN_CONFIG');
  else if (roles.includes('origin')) lines.push('', ...pages(url, channels, access === 'token'));
  lines.push('', `  operator       ${adminUrl}/metrics`, '', '  Ctrl-C ends it.');
  return `${lines.join('\n')}\n`;
}

function pages(url: string, channels: LecternConfig['channels'], needsToken: boolean): string[] {
  const shown = url.replace('127.0.0.1', 'localhost');
  const lines = [`  all channels   ${shown}/`];
  for (const { id } of channels.slice(0, MOST_CHANNELS)) lines.push(`  watch          ${shown}/watch/${id}`);
  if (channels.length > MOST_CHANNELS)
    lines.push(`                 and ${channels.length - MOST_CHANNELS} more channels`);
  const [first] = channels;
  const at = needsToken
    ? 'pages take a token behind #token='
    : `teach          ${shown}/teach/${first?.id}#token=…`;
  lines.push(`  ${at}`);
  lines.push(
    `                 ./lectern token --role teacher --channel ${first?.id} --name NAME prints a token`,
  );
  return lines;
}

/**
 * Addresses of a machine under which others reach it: IPv4 first, without loopback and link-local ones.
 *
 * @param interfaces as os.networkInterfaces returns them
 * @returns as they stand in a URL
 */
export function addressesOf(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): string[] {
  const all = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !/^(169\.254\.|fe80:)/i.test(address));
  return [
    ...all.filter(({ family }) => family === 'IPv4').map(({ address }) => address),
    ...all.filter(({ family }) => family === 'IPv6').map(({ address }) => `[${address}]`),
  ];
}
