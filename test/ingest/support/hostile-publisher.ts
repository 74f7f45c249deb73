import { RtmpClient } from './rtmp-client.ts';
import { AAC_CONFIG, AVC_CONFIG, picture, sound } from './media-bodies.ts';

/** Every byte of the media that a hostile publisher sends, so that one of them is found wherever it gets. */
export const HOSTILE_FILL = 0xe7;

/** Tells whether bytes hold anything that {@link attackOnce} sent as media. */
export function holdsHostileMedia(bytes: Buffer): boolean {
  return bytes.includes(Buffer.alloc(16, HOSTILE_FILL));
}

/**
 * Publishes once as fast as it can, without waiting for any answer, and goes on until it is thrown out.
 *
 * @param port RTMP port on this machine
 * @param streamName with a wrong key
 * @returns what the server said, when the connection is gone
 */
export async function attackOnce(port: number, streamName: string): Promise<string> {
  const client = new RtmpClient(port);
  await client.publishAs(streamName);
  // In the same breath, before the server can have answered: this is what plain node-media-server puts on air.
  client.media(9, 0, AVC_CONFIG);
  client.media(8, 0, AAC_CONFIG);
  for (let frame = 0; frame < 50 && !client.closed; frame++) {
    client.media(9, frame * 40, picture(frame % 25 === 0, 400, HOSTILE_FILL));
    client.media(8, frame * 40, sound(100, HOSTILE_FILL));
  }
  client.socket.end();
  await client.gone();
  return client.heard;
}
