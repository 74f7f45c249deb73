import { resolve } from 'node:path';
import type { ChannelConfig, LecternConfig } from '../config/schema.ts';
import { channelsWithShortKeys, SAFE_KEY_CHARACTERS } from '../config/short-keys.ts';

/** What the report is made from: a configuration whose secret may still have to be generated. */
export type ReportedConfig = Omit<LecternConfig, 'secret'> & { readonly secret: string | undefined };

/** Channels that are described one by one. */
const MOST_CHANNELS = 20;
const HEADING_WIDTH = 14;

/**
 * Says in lines of text what Lectern does with a configuration. Pure, and without any secret.
 *
 * @returns lines without their ends: first what it does, then what an operator should look at, each with its key
 */
export function reportConfig(config: ReportedConfig): string[] {
  const { http, rtmp, redisUrl, store, archive, access, rollCall, channels } = config;
  const listens = (host: string, port: number): string => `${host}:${port === 0 ? '(a free port)' : port}`;
  const admin =
    http.adminHost === undefined && http.adminPort === undefined
      ? 'on the address of pages and media'
      : `on ${listens(http.adminHost ?? http.host, http.adminPort ?? http.port)}`;
  const s3 = store.s3;
  const recordings = s3 === undefined ? `files in ${resolve(config.dataDir)}/store` : s3Line(s3);
  const lines = [
    line('pages, media', `http on ${listens(http.host, http.port)}`),
    line('publishers', `RTMP on ${listens(rtmp.host, rtmp.port)}, address rtmp://HOST:${rtmp.port}/live`),
    line('operator', `/metrics and /ops ${admin}`),
    line('data folder', resolve(config.dataDir)),
    line('secret', config.secret === undefined ? 'generated at the first start, in the data folder' : 'set'),
    line(
      'roles',
      redisUrl === undefined ? 'one process with all roles' : `several processes, by ${hostOf(redisUrl)}`,
    ),
    line(
      'recordings',
      archive.enabled
        ? `${recordings}; kept for ${archive.keepDays} days${archive.keepGiB === undefined ? '' : `, at most ${archive.keepGiB} GiB a channel`}`
        : 'none: archive.enabled is false',
    ),
    line('who may watch', access === 'open' ? 'everyone' : 'who has a token'),
    line('roll call', rollCallLine(rollCall, access)),
    line('channels', String(channels.length)),
    ...channels.slice(0, MOST_CHANNELS).map((channel) => `  ${channelLine(channel, rtmp.port)}`),
  ];
  if (channels.length > MOST_CHANNELS) lines.push(`  and ${channels.length - MOST_CHANNELS} more`);
  const notes = notesOn(config);
  return notes.length === 0 ? lines : [...lines, '', 'to look at:', ...notes.map((note) => `  ${note}`)];
}

function line(heading: string, text: string): string {
  return `${heading.padEnd(HEADING_WIDTH)} ${text}`;
}

function s3Line({ endpoint, bucket, prefix }: NonNullable<LecternConfig['store']['s3']>): string {
  return `bucket ${bucket} at ${endpoint}${prefix === '' ? '' : `, names under ${prefix}/`}`;
}

/** Address without user and password. */
function hostOf(url: string): string {
  return new URL(url).host;
}

function rollCallLine({ enabled, guests }: LecternConfig['rollCall'], access: string): string {
  if (!enabled) return 'none: rollCall.enabled is false';
  return guests && access === 'open' ? 'students by token, and guests by name' : 'students by token';
}

function channelLine({ id, title, ladder, latency, priority }: ChannelConfig, rtmpPort: number): string {
  const pictures =
    ladder.mode === 'passthrough'
      ? 'pictures as they are published'
      : ladder.rungs.map(({ height, videoKbps }) => `${height}p ${videoKbps} kbit/s`).join(', ');
  return `${id} (${title}): ${pictures}; ${latency}; priority ${priority}; rtmp://HOST:${rtmpPort}/live/${id}`;
}

function notesOn(config: ReportedConfig): string[] {
  const { http, redisUrl, origins, ingestUrl, rollCall, access, channels } = config;
  const notes: string[] = [];
  if (channels.length === 0) notes.push('channels: there is none, so nobody can publish');
  const short = channelsWithShortKeys(channels);
  if (short.length > 0) {
    const ids = short.slice(0, 5).join(', ');
    const rest = short.length > 5 ? ` and ${short.length - 5} more` : '';
    notes.push(
      `publishKey of ${ids}${rest}: shorter than ${SAFE_KEY_CHARACTERS} characters, so it can be guessed`,
    );
  }
  const keys = new Map<string, string>();
  for (const { id, publishKey } of channels) {
    const other = keys.get(publishKey);
    if (other !== undefined) notes.push(`publishKey of ${id}: the same as that of ${other}`);
    else keys.set(publishKey, id);
  }
  if (redisUrl !== undefined && origins.length === 0)
    notes.push('origins: empty, so transcode and rollcall cannot run in processes of their own');
  if (redisUrl !== undefined && ingestUrl === undefined)
    notes.push('ingestUrl: not set, so ingest cannot run in a process of its own');
  if (http.adminHost === undefined && http.adminPort === undefined)
    notes.push('http.adminHost: not set, so /metrics is on the public address');
  if (rollCall.enabled && rollCall.guests && access === 'open')
    notes.push('rollCall.guests: whoever opens a page may answer under any name');
  return notes;
}
