import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { type Edge, startEdge } from '../../../cli/edge/start-edge.ts';
import type { EdgeSite } from '../../../cli/edge/site-vcl.ts';
import { freePort } from '../../support/free-port.ts';
import { TEST_SECRET } from '../../support/pipeline.ts';

/** What came back through the edge. */
export type EdgeAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Whether the body came to its end. */
  readonly isWhole: boolean;
};

/** Starts Varnish in front of origins, with a secret of the tests. */
export async function edgeBefore(
  origins: readonly { readonly url: string }[],
  site: Partial<EdgeSite> & { readonly port?: number } = {},
): Promise<Edge> {
  return startEdge({
    ...{ access: 'open', secret: TEST_SECRET, host: '127.0.0.1', storageMiB: 64, ...site },
    origins: origins.map(({ url }) => url),
    port: site.port ?? (await freePort()),
    onEnded: (said) => process.stderr.write(`edge ended: ${said}\n`),
  });
}

/** Asks over a connection of its own; a body that breaks is no error, and is said. */
export async function askEdge(
  edge: { readonly url: string },
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<EdgeAnswer> {
  const { hostname, port } = new URL(edge.url);
  const req = request({ host: hostname, port, path, agent: false, ...options });
  req.end();
  const [res] = await once(req, 'response');
  const chunks: Buffer[] = [];
  let isWhole = true;
  try {
    for await (const chunk of res) chunks.push(chunk);
  } catch {
    isWhole = false;
  }
  return {
    status: res.statusCode,
    headers: res.headers,
    body: Buffer.concat(chunks).toString(),
    isWhole: isWhole && res.complete,
  };
}

/** Sends bytes as they are, and gives all that comes back until the connection ends. */
export async function askRaw(edge: { readonly url: string }, text: string): Promise<string> {
  const { hostname, port } = new URL(edge.url);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  let got = '';
  socket.setEncoding('utf8').on('data', (data: string) => {
    got += data;
  });
  await once(socket, 'close');
  return got;
}
