import { z } from 'zod';

/** A JSON Schema (draft 2020-12), as OpenAPI 3.1 takes it. */
export type JsonSchema = { readonly [key: string]: unknown };

/** Path of the named schemas in the document. */
const COMPONENTS = '#/components/schemas/';

/**
 * Collects the schemas of a document. A zod schema with an id in its metadata (`.meta({ id: 'Channel' })`) becomes a
 * component, and is referenced; any other is inlined.
 */
export class SchemaCollector {
  readonly components = new Map<string, JsonSchema>();

  /**
   * Translates a schema.
   *
   * @param io `input` for what a client sends, `output` for what it receives
   * @throws {Error} when a component is used both ways and they differ
   */
  schema(type: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // Wrapped into an object, so that a top-level schema with an id becomes a component too.
    const { $defs, properties } = z.toJSONSchema(z.object({ root: type }), { io, unrepresentable: 'any' });
    for (const [id, definition] of Object.entries($defs ?? {})) this.#add(id, translate(definition));
    const root = properties?.['root'];
    return objectOf(translate(root));
  }

  #add(id: string, translated: unknown): void {
    const schema = objectOf(translated);
    const known = this.components.get(id);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`schema ${id}: differs between requests and responses, or is declared twice`);
    }
    this.components.set(id, schema);
  }
}

/** A schema may be `true` for anything at all, which is written as {}. */
function objectOf(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Rewrites references to the document's components, and removes keys that only zod needs. */
function translate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(translate);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    if (key === '$ref' && typeof member === 'string') return [[key, member.replace('#/$defs/', COMPONENTS)]];
    if (key === 'id' && typeof member === 'string') return [];
    if (key === 'minimum' && member === Number.MIN_SAFE_INTEGER) return [];
    if (key === 'maximum' && member === Number.MAX_SAFE_INTEGER) return [];
    return [[key, translate(member)]];
  });
  return Object.fromEntries(entries);
}
