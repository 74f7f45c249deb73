import { loadConfig } from '../config/load.ts';
import type { LecternConfig } from '../config/schema.ts';
import { AppError } from '../shared/errors.ts';
import { localAddress } from '../shared/http-server.ts';
import { mintToken } from '../shared/token.ts';
import { readOptions, UsageError } from './usage.ts';

/** Member of the server's answer. */
const OTHER_IDS = 'alsoStoredAs';
const TASKS = { export: 'GET', erase: 'DELETE' } as const;
/** Lifetime of the token of one run, seconds: a year of a city is looked through. */
const TOKEN_S = 3600;

/**
 * `lectern student export|erase`: prints, or erases, all that is stored of one student, in a channel or in all. A running server does
 * the work, since its memory and its log have her too.
 *
 * @throws {UsageError} `bad-usage`
 * @throws {ConfigError} when the configuration cannot be read
 * @throws {AppError} `server-refused` with the channel and the server's reason; earlier channels are done
 */
export async function studentCommand([task, ...args]: readonly string[]): Promise<void> {
  if (task !== 'export' && task !== 'erase') {
    throw new UsageError(`student ${JSON.stringify(task ?? '')}: want student export or student erase`);
  }
  const { id, channel, url, config: file } = readOptions(args, ['id', 'channel', 'url', 'config']);
  if (id === undefined || id === '') {
    throw new UsageError('--id: want the number on the class list, or the sub of the token');
  }
  const config = loadConfig(file);
  const ids = config.channels.map((known) => known.id);
  if (channel !== undefined && !ids.includes(channel)) {
    throw new UsageError(`--channel: the configuration has no channel ${JSON.stringify(channel)}`);
  }
  const exp = Math.floor(Date.now() / 1000) + TOKEN_S;
  const claims = { sub: 'operator', name: 'operator', channel: '*', role: 'operator', exp } as const;
  const token = await mintToken(config.secret, claims);
  const base = url ?? ownUrl(config);
  const found: Record<string, unknown> = {};
  for (const one of channel === undefined ? ids : [channel]) {
    const data = await ask(
      `${base}/api/rollcall/${one}/students/${encodeURIComponent(id)}`,
      TASKS[task],
      token,
    );
    const counts = countsOf(data);
    if (counts.every(({ count }) => count === 0)) continue;
    found[one] = data;
    const said = counts.map(({ name, count }) => `${count} ${name}`).join(', ');
    if (task === 'erase') process.stdout.write(`${one}: erased ${said}\n`);
  }
  if (task === 'export') process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else if (Object.keys(found).length === 0) process.stdout.write(`nothing is stored of ${id}\n`);
  // Beside the JSON, which may go into a file.
  for (const line of alsoStoredLines(Object.values(found))) process.stderr.write(`${line}\n`);
}

/**
 * Names the other ids that records of a student have: the one that was asked for finds a part of her where they differ.
 *
 * @param answers of the server, one of each channel
 */
export function alsoStoredLines(answers: readonly unknown[]): readonly string[] {
  const ids = answers.flatMap((data): readonly unknown[] => {
    const own = typeof data === 'object' && data !== null && OTHER_IDS in data ? data[OTHER_IDS] : null;
    return Array.isArray(own) ? own : [];
  });
  const texts = new Set(ids.filter((one) => typeof one === 'string'));
  return [...texts].map((one) => `also stored as ${one}: run again with --id ${quoted(one)}`);
}

/** Where a server with this configuration is reached from this machine. */
function ownUrl({ http }: Pick<LecternConfig, 'http'>): string {
  return `http://${localAddress(http.host)}:${http.port}${http.basePath}`;
}

async function ask(url: string, method: string, token: string): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
  } catch (cause) {
    throw refused(`${url}: no server answers; start it, or name its address with --url`, cause);
  }
  const text = await response.text();
  if (!response.ok) throw refused(`${url} answered ${response.status}: ${text.slice(0, 300).trim()}`);
  return JSON.parse(text);
}

/** As an argument of a shell. */
function quoted(id: string): string {
  return /^[\w.@-]+$/.test(id) ? id : `'${id.replaceAll("'", String.raw`'\''`)}'`;
}

/** How many entries each list of an answer has. */
function countsOf(data: unknown): readonly { readonly name: string; readonly count: number }[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data)
    .filter(([name]) => name !== OTHER_IDS)
    .map(([name, list]: [string, unknown]) => ({ name, count: Array.isArray(list) ? list.length : 0 }));
}

function refused(message: string, cause?: unknown): AppError {
  return new AppError(message, { code: 'server-refused', cause });
}
