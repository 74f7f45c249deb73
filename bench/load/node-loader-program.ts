import { programOptions, tell } from '../start/program.ts';
import { RawClient, requestBytes } from './raw-client.ts';
import type { LoadOptions } from './wrk.ts';

const options = programOptions() as LoadOptions;
const url = new URL(options.url);
const request = requestBytes(url, options.headers);
const untilMs = performance.now() + options.seconds * 1000;
let answered = 0;
let failed = 0;

for (let at = 0; at < options.connections; at += 1) {
  const client = new RawClient(url, () => {
    failed += 1;
  });
  const again = (): void =>
    client.ask(request, (status) => {
      answered += 1;
      if (status !== 200) failed += 1;
      if (performance.now() < untilMs) again();
    });
  again();
}
setTimeout(
  () => tell({ kind: 'done', requestsPerS: answered / options.seconds, failed }),
  options.seconds * 1000,
);
