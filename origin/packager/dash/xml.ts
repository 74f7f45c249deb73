/** An element's attributes; those that are undefined are left out. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

/**
 * Writes an element.
 *
 * @param name element name; not escaped
 * @param attributes in the order they are to stand; values are escaped
 * @param children what {@link element} or {@link escapeXml} gave
 */
export function element(name: string, attributes: XmlAttributes, children: readonly string[] = []): string {
  let start = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) start += ` ${key}="${escapeXml(String(value))}"`;
  }
  if (children.length === 0) return `${start}/>`;
  if (children.length === 1 && !children[0]?.startsWith('<')) return `${start}>${children[0]}</${name}>`;
  return `${start}>\n${children.join('\n')}\n</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Makes text fit for an element or an attribute; characters that XML 1.0 cannot hold (§2.2) become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Cs}]/gu, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * A duration, or a time since AvailabilityStartTime, as xs:duration: `PT1.6S`.
 *
 * @param durationMs milliseconds, 0 or more
 */
export function formatXmlDuration(durationMs: number): string {
  return `PT${Math.round(durationMs) / 1000}S`;
}
