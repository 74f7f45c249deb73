/** An XML element as it was read. */
export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Text directly inside, entities resolved. */
  readonly text: string;
};

const NAME = '[A-Za-z_:][\\w:.-]*';
const TOKEN = new RegExp(
  `<\\?[^]*?\\?>|<!--[^]*?-->|</(${NAME})\\s*>|<(${NAME})((?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>|([^<]+)`,
  'y',
);
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'g');
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads a well-formed XML document, strictly: of use to a checker, which must not forgive. No doctype, no CDATA.
 *
 * @returns the root element
 * @throws {Error} with the place, for anything that is not well-formed
 */
export function readXml(text: string): XmlElement {
  type Open = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string };
  const top: Open = { name: '', attributes: {}, children: [], text: '' };
  const stack: Open[] = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    const current = stack.at(-1);
    if (match === null || current === undefined) throw new Error(`XML at ${at}: ${text.slice(at, at + 40)}`);
    const [, closing, opening, attributes = '', selfClosing, characters] = match;
    if (characters !== undefined) {
      if (current === top && characters.trim() !== '') throw new Error(`XML at ${at}: text outside the root`);
      current.text += resolveEntities(characters, at);
    } else if (closing !== undefined) {
      if (current.name !== closing) throw new Error(`XML at ${at}: </${closing}> closes <${current.name}>`);
      stack.pop();
    } else if (opening !== undefined) {
      const element: Open = {
        name: opening,
        attributes: readAttributes(attributes, at),
        children: [],
        text: '',
      };
      current.children.push(element);
      if (selfClosing === '') stack.push(element);
    }
  }
  const [root] = top.children;
  if (stack.length !== 1) throw new Error(`XML: <${stack.at(-1)?.name}> is not closed`);
  if (root === undefined || top.children.length !== 1)
    throw new Error(`XML: ${top.children.length} root elements`);
  return root;
}

/** All elements of a name, at any depth, in document order. */
export function descendants(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...descendants(child, name),
  ]);
}

/** Direct children of a name. */
export function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

function readAttributes(text: string, at: number): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE)) {
    if (name in attributes) throw new Error(`XML at ${at}: attribute ${name} twice`);
    attributes[name] = resolveEntities(double ?? single ?? '', at);
  }
  return attributes;
}

function resolveEntities(text: string, at: number): string {
  return text.replaceAll(/&([^;\s]*);?/g, (whole, name: string) => {
    const known =
      ENTITIES[name] ?? (/^#\d+$/.test(name) ? String.fromCodePoint(Number(name.slice(1))) : undefined);
    if (known === undefined || !whole.endsWith(';')) throw new Error(`XML at ${at}: entity ${whole}`);
    return known;
  });
}
