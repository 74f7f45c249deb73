/** Errors of S3 in answers whose status is a success. */

const ERROR = /<Error>(.*?)<\/Error>/gs;

/** The error that is the whole of an answer; null for none. */
export function errorIn(xml: string): Error | null {
  const [first] = xml.matchAll(ERROR);
  return first === undefined ? null : errorOf(first[1] ?? '');
}

/**
 * The errors in the answer of DeleteObjects, one for each object that was not deleted.
 *
 * @throws {Error} when it is no such answer: nothing may have been deleted
 */
export function refusalsIn(xml: string): Error[] {
  if (!xml.includes('<DeleteResult')) throw errorIn(xml) ?? new Error('the answer deletes nothing');
  return [...xml.matchAll(ERROR)].map(([, error = '']) => errorOf(error));
}

function errorOf(xml: string): Error {
  const code = /<Code>([^<]*)<\/Code>/.exec(xml)?.[1] ?? '';
  const message = /<Message>([^<]*)<\/Message>/.exec(xml)?.[1] ?? '';
  // As the S3 library names the errors that it reads.
  return Object.assign(new Error(message), { code, name: 'S3Error' });
}
