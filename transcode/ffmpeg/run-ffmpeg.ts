import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';
import { TranscodeError } from '../transcode-error.ts';
import type { FfmpegRun } from './ffmpeg-arguments.ts';

/** Events of a running ffmpeg. None follows `onExit`. */
export type FfmpegEvents = {
  /** The next bytes of an output; owned by the receiver. */
  onData(outputId: string, bytes: Buffer): void;
  /** One line of standard error. */
  onLine(line: string): void;
  /** It has ended, and all of its output was given to `onData`. `error` is null when it exited by itself with code 0. */
  onExit(error: Error | null): void;
};

/** A running ffmpeg. */
export type RunningFfmpeg = {
  /** Process id; null until it has been spawned. */
  pid(): number | null;
  /** Ends it at once (SIGKILL); `onExit` follows. */
  kill(): void;
};

/**
 * Runs ffmpeg: `input` is piped to its standard input, and each output arrives over its own Unix socket.
 *
 * A Unix socket in a private folder needs no secret, is not delayed by Nagle's algorithm as ffmpeg's chunked HTTP is, and breaks
 * when either side dies: an ffmpeg whose worker was killed ends by itself.
 *
 * @param program path or name of ffmpeg
 * @throws {TranscodeError} `no-local-endpoint` when a socket cannot be created
 */
export async function runFfmpeg(
  program: string,
  run: FfmpegRun,
  input: Readable,
  events: FfmpegEvents,
): Promise<RunningFfmpeg> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-')).catch((cause: unknown) => {
    throw new TranscodeError(`cannot create a folder for sockets in ${tmpdir()}`, {
      code: 'no-local-endpoint',
      cause,
    });
  });
  const sinks = await Promise.all(
    run.outputs.map((output, i) =>
      listen(join(folder, String(i)), (bytes) => events.onData(output.id, bytes)),
    ),
  ).catch(async (cause: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw new TranscodeError(`cannot create a socket in ${folder}`, { code: 'no-local-endpoint', cause });
  });

  const command = ffmpeg({ stdoutLines: 50 }).setFfmpegPath(program).input(input);
  // Always more than one argument per call: fluent-ffmpeg splits a single one at the first space.
  command.inputOptions(...pair(run.inputOptions));
  const [first] = run.outputs;
  run.outputs.forEach((output, i) => {
    command.output(`unix:${join(folder, String(i))}`);
    if (output === first && run.globalOptions.length > 0) command.outputOptions(...pair(run.globalOptions));
    command.outputOptions(...pair(output.options));
  });

  let killed = false;
  let exited = false;
  const finish = (error: Error | null): void => {
    if (exited) return;
    exited = true;
    void Promise.all(sinks.map((sink) => sink.drained()))
      .then(() => rm(folder, { recursive: true, force: true }))
      .catch(() => {})
      .then(() => events.onExit(error));
  };
  command.on('stderr', (line: string) => events.onLine(line));
  command.on('start', () => {
    if (killed) command.kill('SIGKILL');
  });
  command.on('end', () => finish(null));
  command.on('error', (error: Error) => finish(error));
  command.run();
  return {
    pid: () => processOf(command)?.pid ?? null,
    kill: () => {
      killed = true;
      if (processOf(command) !== undefined) command.kill('SIGKILL');
    },
  };
}

function pair(options: readonly string[]): [string, ...string[]] {
  const [first = '', ...rest] = options;
  return [first, ...rest];
}

/** fluent-ffmpeg stores the process here; its types do not declare it. */
function processOf(command: object): { readonly pid?: number } | undefined {
  if (!('ffmpegProc' in command)) return undefined;
  const { ffmpegProc } = command;
  return typeof ffmpegProc === 'object' && ffmpegProc !== null ? ffmpegProc : undefined;
}

type Sink = {
  /** Resolves when everything received was delivered; at once when nothing ever connected. */
  drained(): Promise<void>;
};

async function listen(path: string, onData: (bytes: Buffer) => void): Promise<Sink> {
  let socket: Socket | null = null;
  let closed: Promise<void> = Promise.resolve();
  const server: Server = createServer((connection) => {
    // ffmpeg makes one connection; a second one is not from our ffmpeg.
    if (socket !== null) {
      connection.destroy();
      return;
    }
    socket = connection;
    closed = new Promise((resolve) => connection.on('close', () => resolve()));
    connection.on('data', onData);
    connection.on('error', () => {});
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    drained: async () => {
      server.close();
      await closed;
    },
  };
}

/**
 * Makes fluent-ffmpeg query ffmpeg's capabilities, which it does once per process; otherwise the first broadcast waits for that.
 *
 * @param program path or name of ffmpeg
 */
export async function warmUpFfmpeg(program: string): Promise<void> {
  const command = ffmpeg().setFfmpegPath(program);
  await new Promise<void>((resolve) => command.getAvailableEncoders(() => resolve()));
  await new Promise<void>((resolve) => command.getAvailableFormats(() => resolve()));
}
