import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { createFileSync, FOLDER_MODE } from '../shared/durable-file.ts';
import { AppError } from '../shared/errors.ts';
import { configSchema, type LecternConfig } from './schema.ts';

/** A configuration that cannot be used; the message has one line for each fault: place, reason and value. */
export class ConfigError extends AppError {}

/** Environment variables, and the key of the configuration that each of them sets. */
const FROM_ENVIRONMENT: readonly (readonly [
  variable: string,
  path: readonly [string, ...string[]],
  numeric?: true,
])[] = [
  ['LECTERN_HTTP_PORT', ['http', 'port'], true],
  ['LECTERN_RTMP_PORT', ['rtmp', 'port'], true],
  ['LECTERN_DATA_DIR', ['dataDir']],
  ['LECTERN_SECRET', ['secret']],
  ['LECTERN_S3_ENDPOINT', ['store', 's3', 'endpoint']],
  ['LECTERN_S3_ACCESS_KEY', ['store', 's3', 'accessKey']],
  ['LECTERN_S3_SECRET_KEY', ['store', 's3', 'secretKey']],
  ['LECTERN_S3_BUCKET', ['store', 's3', 'bucket']],
  ['REDIS_URL', ['redisUrl']],
  ['FFMPEG_PATH', ['ffmpegPath']],
];

/**
 * Reads a configuration from text and environment. Pure: no file is touched.
 *
 * @param yamlText the file's content; '' for defaults alone
 * @param env the process's environment; its values override the file's
 * @param source the file's name, for messages
 * @returns the configuration; its secret may be undefined, see {@link loadConfig}
 * @throws {ConfigError} `bad-config`
 */
export function parseConfig(
  yamlText: string,
  env: Readonly<Record<string, string | undefined>>,
  source = 'configuration',
): Omit<LecternConfig, 'secret'> & { readonly secret: string | undefined } {
  const document = parseDocument(yamlText, { prettyErrors: true });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    // The rest of the message quotes lines of the file, which may contain a key.
    const reason = syntax.message.split('\n', 1)[0]?.replace(/:$/, '') ?? '';
    throw new ConfigError(`${source}: ${reason}`, { code: 'bad-config' });
  }
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (cause) {
    // Aliases are resolved only here: one without an anchor fails, and so do a few that would expand to gigabytes.
    throw new ConfigError(`${source}: the aliases of the YAML cannot be resolved`, {
      code: 'bad-config',
      cause,
    });
  }
  if (!isRecord(raw)) {
    throw new ConfigError(`${source}: want keys and values at the top, not ${typeof raw}`, {
      code: 'bad-config',
    });
  }
  for (const [variable, path, numeric] of FROM_ENVIRONMENT) {
    const text = env[variable];
    // A value that is no number stays text, so that the message can show it.
    const value = numeric === true && text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : text;
    if (value !== undefined && value !== '') setAt(raw, path, value);
  }
  const result = configSchema.safeParse(raw, { reportInput: true });
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${source}: ${describeIssue(issue)}`);
    throw new ConfigError(lines.join('\n'), { code: 'bad-config' });
  }
  const { channels, secret, ...rest } = result.data;
  return {
    ...rest,
    secret,
    channels: channels.map((channel) => ({
      ...channel,
      latency: channel.latency ?? rest.latency,
      ladder: channel.ladder ?? rest.ladder,
    })),
  };
}

/**
 * Reads a configuration from a file and the environment. Nothing is written: its secret may still have to be generated.
 *
 * @param file path of the YAML file; undefined for LECTERN_CONFIG, and defaults alone where that is not set either
 * @throws {ConfigError} `no-config-file` or `bad-config`
 */
export function readConfig(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ReturnType<typeof parseConfig> {
  const path = file ?? env['LECTERN_CONFIG'];
  let text = '';
  if (path !== undefined && path !== '') {
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      throw new ConfigError(`configuration ${path} cannot be read`, { code: 'no-config-file', cause });
    }
  }
  return parseConfig(text, env, path ?? 'configuration');
}

/**
 * Loads the configuration of this process: file, environment, and the secret, which is generated at the first start.
 *
 * @param file path of the YAML file; undefined for LECTERN_CONFIG, and defaults alone where that is not set either
 * @throws {ConfigError} `no-config-file`, `bad-config`, or `bad-data-dir` when the secret cannot be stored
 */
export function loadConfig(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): LecternConfig {
  const config = readConfig(file, env);
  const dataDir = resolve(config.dataDir);
  return { ...config, dataDir, secret: config.secret ?? storedSecret(dataDir) };
}

function storedSecret(dataDir: string): string {
  const path = join(dataDir, 'secret');
  try {
    mkdirSync(dataDir, { recursive: true, mode: FOLDER_MODE });
    if (!existsSync(path)) createFileSync(path, randomBytes(32).toString('base64url'));
    const secret = readFileSync(path, 'utf8').trim();
    if (secret.length >= 16) return secret;
  } catch (cause) {
    throw new ConfigError(`data folder ${dataDir} cannot be used`, { code: 'bad-data-dir', cause });
  }
  throw new ConfigError(`${path}: shorter than 16 characters`, { code: 'bad-data-dir' });
}

const SECRET_KEYS = new Set(['publishKey', 'secret', 'redisUrl', 'accessKey', 'secretKey']);
/** A URL that contains a password; only Redis's may. */
const WITH_PASSWORD = /\/\/[^/]*@/;

function describeIssue(issue: z.core.$ZodIssue): string {
  const place = issue.path.map(String).join('.') || '(top)';
  const isSecret =
    issue.path.some((key) => SECRET_KEYS.has(String(key))) ||
    (typeof issue.input === 'string' && WITH_PASSWORD.test(issue.input));
  const value =
    isSecret || issue.input === undefined || typeof issue.input === 'object'
      ? ''
      : `, got ${JSON.stringify(issue.input)}`;
  // The reason for an invalid key is one level down.
  const reason = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return `${place}: ${reason}${value}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function setAt(
  raw: Record<string, unknown>,
  [first, ...rest]: readonly [string, ...string[]],
  value: unknown,
): void {
  const [next, ...further] = rest;
  if (next === undefined) {
    raw[first] = value;
    return;
  }
  const inner = raw[first] ?? {};
  if (!isRecord(inner)) return;
  // A copy: an object that an alias shares must not change in its other places.
  const copy = { ...inner };
  setAt(copy, [next, ...further], value);
  raw[first] = copy;
}
