import { get } from 'node:http';

/** What a server sets by itself, and the length, which each counts itself. */
const OWN = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

/** Fetches bytes as they are sent, still encoded, with the headers that a bare server is to send as well. */
export async function fetchRaw(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly body: Buffer; readonly headers: Record<string, string> }> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (res) => {
      const chunks: Buffer[] = [];
      res.on('data', (bytes: Buffer) => chunks.push(bytes));
      res.on('end', () => {
        const kept = Object.entries(res.headers).flatMap(([name, value]) =>
          typeof value === 'string' && !OWN.has(name) ? [[name, value] as const] : [],
        );
        resolve({ body: Buffer.concat(chunks), headers: Object.fromEntries(kept) });
      });
    }).on('error', reject);
  });
}
