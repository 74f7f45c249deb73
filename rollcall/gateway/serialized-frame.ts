import type { ServerFrame } from '../protocol/frames.ts';
import { textFrame } from './text-frame.ts';

/** A frame ready to be sent, serialized at most once in each form however many peers receive it. */
export class SerializedFrame {
  readonly json: string;
  #webSocket: Buffer | null = null;

  constructor(frame: ServerFrame) {
    this.json = JSON.stringify(frame);
  }

  /** The bytes of a WebSocket text frame. Shared; not to be changed. */
  get webSocket(): Buffer {
    this.#webSocket ??= textFrame(this.json);
    return this.#webSocket;
  }
}
