import { type Air, airFindings } from './air.ts';
import { type Finding, health, type Ingest } from './health.ts';

/**
 * All findings about a class for its teacher: how her stream arrives, and what the server makes of it. Faults first.
 *
 * @param air null while nothing is on air, or nothing is known
 */
export function streamFindings(ingest: Ingest, air: Air | null): readonly Finding[] {
  const server = ingest.publish === null ? [] : airFindings(air, ingest.publish.video?.frameRate ?? 0);
  const isLate = server.some(({ severity }) => severity === 'bad');
  // Few frames are measured at ingest, before the server does anything with them: they are shown whatever it is short of.
  const stream = health(ingest).filter(({ key }) => !(key === 'allWell' && isLate));
  const all = [...server, ...stream];
  return [
    ...all.filter(({ severity }) => severity === 'bad'),
    ...all.filter(({ severity }) => severity !== 'bad'),
  ];
}
