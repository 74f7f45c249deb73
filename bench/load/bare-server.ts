import { join } from 'node:path';
import { type Program, startProgram } from '../start/program.ts';

/** What a bare server sends for a path. */
export type BareBody = {
  readonly path: string;
  readonly base64: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** A `node:http` server without anything around it. */
export type BareServer = { readonly url: string; readonly program: Program };

/** Starts it. @param core where it is to run; null for anywhere */
export async function startBareServer(bodies: readonly BareBody[], core: number | null): Promise<BareServer> {
  const program = startProgram(join(import.meta.dirname, 'bare-server-program.ts'), bodies, core);
  const { port } = await program.next<{ kind: 'listening'; port: number }>('listening');
  return { url: `http://127.0.0.1:${port}`, program };
}
