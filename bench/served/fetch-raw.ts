import { get } from 'node:http';

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
        const same = [
          'content-type',
          'content-encoding',
          'cache-control',
          'access-control-allow-origin',
          'vary',
        ];
        const kept = same.flatMap((name) => {
          const value = res.headers[name];
          return typeof value === 'string' ? [[name, value] as const] : [];
        });
        resolve({ body: Buffer.concat(chunks), headers: Object.fromEntries(kept) });
      });
    }).on('error', reject);
  });
}
