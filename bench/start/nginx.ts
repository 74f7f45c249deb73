import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { start } from '../../test/support/process.ts';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { isOnPath } from '../report/machine.ts';
import { pinned } from './cores.ts';

/** An nginx of one worker that sends files. */
export type Nginx = { readonly url: string; stop(): Promise<void> };

/**
 * Starts it.
 *
 * @param files by path, `/part.m4s`
 * @returns null where no nginx is on the PATH
 */
export async function startNginx(
  files: Readonly<Record<string, Buffer>>,
  core: number | null,
): Promise<Nginx | null> {
  if (!isOnPath('nginx')) return null;
  const dir = makeTempDir();
  for (const [path, bytes] of Object.entries(files)) {
    const file = join(dir.path, 'www', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir.path};`,
  );
  writeFileSync(
    join(dir.path, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${dir.path}/nginx.pid; error_log ${dir.path}/error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 10000; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; ${temporary.join(' ')}
  server { listen 127.0.0.1:${port} backlog=4096; root ${dir.path}/www; open_file_cache max=100; }
}
`,
  );
  const [command = '', ...args] = pinned(core, ['nginx', '-c', join(dir.path, 'nginx.conf'), '-p', dir.path]);
  const program = start(command, args);
  const url = `http://127.0.0.1:${port}`;
  await waitFor('nginx answers', async () => (await fetch(url)).status > 0);
  return {
    url,
    stop: async () => {
      await program.stop();
      dir.remove();
    },
  };
}
