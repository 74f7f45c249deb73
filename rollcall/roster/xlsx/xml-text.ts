import { setImmediate } from 'node:timers/promises';
import { SaxesParser } from 'saxes';

/** What a reader of XML is told; names are without their prefixes. */
export type XmlEvents = {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  close(name: string): void;
};

/** Characters that are parsed before other work has its turn: some milliseconds. */
const AT_ONCE = 262_144;

/**
 * Parses XML in UTF-8. Yields to other work at intervals.
 *
 * @throws {Error} where it is not well-formed, or names an entity of its own; what an event throws
 * @see XML 1.0; entities of documents are not supported, so none can grow
 */
export async function parseXml(bytes: Uint8Array, events: XmlEvents): Promise<void> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const failures: Error[] = [];
  const throwFirst = (): void => {
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  };
  parser.on('error', (error) => {
    // A damaged file may have one at each character.
    if (failures.length === 0) failures.push(error);
  });
  parser.on('opentag', ({ name, attributes }) => {
    events.open(localName(name), attributes);
  });
  parser.on('text', (text) => events.text(text));
  parser.on('cdata', (text) => events.text(text));
  parser.on('closetag', ({ name }) => events.close(localName(name)));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let from = 0; from < bytes.length; from += AT_ONCE) {
    const isLast = from + AT_ONCE >= bytes.length;
    parser.write(decoder.decode(bytes.subarray(from, from + AT_ONCE), { stream: !isLast }));
    throwFirst();
    await setImmediate();
  }
  parser.close();
  throwFirst();
}

/** An attribute by its name without prefix: `r:id` by `id`. */
export function attributeOf(attributes: Readonly<Record<string, string>>, name: string): string | undefined {
  if (attributes[name] !== undefined) return attributes[name];
  const found = Object.keys(attributes).find((key) => localName(key) === name);
  return found === undefined ? undefined : attributes[found];
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
