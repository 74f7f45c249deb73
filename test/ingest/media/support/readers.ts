import type { SourcePacket, SourceStep } from '../../../../ingest/media/source-packet.ts';
import { readAudioPacket } from '../../../../media/flv/audio-packet.ts';
import { readVideoPacket } from '../../../../media/flv/video-packet.ts';

/** What became of packets, one after another, up to a refusal. */
export function pass<P>(
  packets: readonly P[],
  take: (packet: P, i: number) => SourceStep,
): readonly SourceStep[] {
  const steps: SourceStep[] = [];
  for (const [i, packet] of packets.entries()) {
    const step = take(packet, i);
    steps.push(step);
    if ('refuse' in step) break;
  }
  return steps;
}

/** All tags for the source. */
export function packetsIn(steps: readonly SourceStep[]): readonly SourcePacket[] {
  return steps.flatMap((step) => ('packets' in step ? step.packets : []));
}

/** The configurations, without their tags' heads. */
export function configIn(steps: readonly SourceStep[]): readonly Buffer[] {
  return packetsIn(steps).flatMap((packet) => (packet.role === 'config' ? [dataOf(packet)] : []));
}

/** The frames, with the data of their tags. */
export function framesIn(
  steps: readonly SourceStep[],
): readonly (SourcePacket & { readonly data: Buffer })[] {
  return packetsIn(steps).flatMap((packet) =>
    packet.role === 'frame' ? [{ ...packet, data: dataOf(packet) }] : [],
  );
}

/** Why the publisher was refused; null when she was not. */
export function refusedIn(steps: readonly SourceStep[]): string | null {
  const last = steps.at(-1);
  return last !== undefined && 'refuse' in last ? last.refuse : null;
}

function dataOf({ kind, body }: SourcePacket): Buffer {
  const read = kind === 'video' ? readVideoPacket(body) : readAudioPacket(body);
  return read?.data ?? Buffer.alloc(0);
}
