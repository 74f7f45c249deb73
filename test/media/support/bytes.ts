import { box as writeBox } from '../../../media/bmff/box-writer.ts';

/** Writes a box from its type and the pieces of its content. */
export function box(type: string, ...content: readonly Buffer[]): Buffer {
  return writeBox(type, content);
}

/** Bytes from hexadecimal digits; blanks are left out. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}
