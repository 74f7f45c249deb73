import { Amf0Reader } from '../../media/flv/amf0-reader.ts';
import type { AmfValue } from '../../media/flv/amf-value.ts';
import { RtmpError } from './rtmp-error.ts';

/** A command of a peer (RTMP 1.0 §7.2); nothing about its values has been checked. */
export type RtmpCommand = {
  readonly name: string;
  /** 0 where no answer is wanted. */
  readonly transactionId: number;
  /** The command object of `connect`; null for most others. */
  readonly object: AmfValue;
  /** What stands behind the command object: as far as it could be read. */
  readonly args: readonly AmfValue[];
};

/** No command has more. */
const MAX_ARGUMENTS = 16;
const STRING_MARKER = 2;
const AMF3_MARKER = 17;

/**
 * Reads the body of a command message.
 *
 * A value that cannot be read ends the arguments: what stands before it is enough to know what is wanted.
 *
 * @param body type 20, or type 17, whose format byte some encoders leave out; untrusted
 * @throws {RtmpError} when it does not begin with a name
 */
export function readCommand(body: Buffer): RtmpCommand {
  const reader = new Amf0Reader(withoutFormatByte(body));
  const name = reader.value();
  if (typeof name !== 'string') throw new RtmpError('command: does not begin with a name');
  const transaction = reader.isAtEnd ? 0 : reader.value();
  const object = reader.isAtEnd ? null : reader.value();
  const args: AmfValue[] = [];
  while (!reader.isAtEnd && args.length < MAX_ARGUMENTS) {
    const value = reader.value();
    if (!reader.failed) args.push(value);
  }
  const transactionId = typeof transaction === 'number' && Number.isFinite(transaction) ? transaction : 0;
  return { name, transactionId, object: object ?? null, args };
}

/**
 * Removes the byte in front of the values of AMF 3 messages (types 15 and 17), where there is one: 0 for AMF 0 values.
 *
 * @returns borrowed
 */
export function withoutFormatByte(body: Buffer): Buffer {
  const isFormat = body[0] === 0 && (body[1] === STRING_MARKER || body[1] === AMF3_MARKER);
  return isFormat ? body.subarray(1) : body;
}
