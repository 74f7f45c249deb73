/** A text that many clients request: rendered once, gzipped once, sent from one buffer. */
export type TextBody = {
  /** UTF-8. */
  readonly plain: Buffer;
  /** Null until the first client that accepts gzip requests it. */
  gzipped: Buffer | null;
};

/**
 * Makes a body.
 *
 * @param text a string, or its bytes in UTF-8; bytes are borrowed, not copied
 */
export function textBody(text: string | Buffer): TextBody {
  return { plain: typeof text === 'string' ? Buffer.from(text, 'utf8') : text, gzipped: null };
}
