import { z } from 'zod';
import type { ApiContent, ApiRoute } from './api-route.ts';
import { type JsonSchema, SchemaCollector } from './json-schema.ts';

/** Title, version and summary of the document. */
export type ApiInfo = {
  readonly title: string;
  readonly version: string;
  readonly summary: string;
};

/** An OpenAPI 3.1 document, as far as this module writes it. */
export type OpenApiDocument = {
  readonly openapi: string;
  readonly info: object;
  /** Operations by path and method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: object;
  };
};

/** An operation in an {@link OpenApiDocument}. */
export type Operation = {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Media }>>;
  readonly [key: string]: unknown;
};

type Media = Readonly<Record<string, { readonly schema?: JsonSchema }>>;

/** The body of every error. */
const problem = z
  .object({
    error: z.object({ code: z.string().meta({ description: 'See docs/errors.md' }), message: z.string() }),
  })
  .meta({ id: 'Problem', description: 'An error' });

const TOKEN_ERRORS: Readonly<Record<number, readonly string[]>> = {
  401: ['no-token', 'bad-token', 'expired-token'],
  403: ['forbidden'],
};

/** Bodies that Express rejects: malformed, too large, compressed or in an unknown character set. */
const BODY_ERRORS: Readonly<Record<number, readonly string[]>> = {
  400: ['bad-request'],
  413: ['bad-request'],
  415: ['bad-request'],
};

/** Describes routes as an OpenAPI 3.1 document. */
export function openApiDocument(info: ApiInfo, routes: readonly ApiRoute[]): OpenApiDocument {
  const schemas = new SchemaCollector();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: { ...info, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: Object.fromEntries([...schemas.components].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

function operationOf(route: ApiRoute, schemas: SchemaCollector): Operation {
  const { operationId, summary, access, body } = route;
  const parameters = [...pathParameters(route, schemas), ...queryParameters(route, schemas)];
  return {
    ...{ operationId, summary },
    ...(access === 'anyone'
      ? {}
      : { security: access === 'viewers' ? [{}, { token: [] }] : [{ token: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            ...{ required: true, description: body.description },
            content: {
              ...mediaOf(body, 'input', schemas),
              ...Object.fromEntries(
                (body.textTypes ?? []).map((type) => [type, { schema: { type: 'string' } }]),
              ),
            },
          },
        }),
    responses: responsesOf(route, schemas),
  };
}

function pathParameters({ path, params }: ApiRoute, schemas: SchemaCollector): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    ...{ name, in: 'path', required: true },
    schema: schemas.schema(params?.[name] ?? z.string(), 'output'),
  }));
}

function queryParameters({ query }: ApiRoute, schemas: SchemaCollector): object[] {
  // As the server reads it: `limit` is written as text, and means an integer.
  return Object.entries(query?.shape ?? {}).map(([name, type]) => {
    const { description, ...schema } = schemas.schema(type, 'output');
    return {
      ...{ name, in: 'query', required: !type.safeParse(undefined).success },
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });
}

function responsesOf(
  { access, body, responses, refusals = {} }: ApiRoute,
  schemas: SchemaCollector,
): Operation['responses'] {
  const described: Record<string, { description: string; content?: Media; headers?: object }> = {};
  for (const [status, content] of Object.entries(responses)) {
    const { description, schema } = content;
    described[status] = {
      description,
      ...(schema === undefined ? {} : { content: mediaOf(content, 'output', schemas) }),
    };
  }
  const codes = new Map<string, readonly string[]>();
  const sources = [access === 'anyone' ? {} : TOKEN_ERRORS, refusals, body === undefined ? {} : BODY_ERRORS];
  for (const [status, more] of sources.flatMap((source) => Object.entries(source))) {
    codes.set(status, [...(codes.get(status) ?? []), ...more]);
  }
  for (const [status, all] of codes) {
    described[status] = {
      description: all.join(', '),
      ...(status === '503' ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
      content: { 'application/json': { schema: schemas.schema(problem, 'output') } },
    };
  }
  return described;
}

const RETRY_AFTER = { description: 'When to try again, in seconds', schema: { type: 'integer' } };

function mediaOf({ types, schema }: ApiContent, io: 'input' | 'output', schemas: SchemaCollector): Media {
  const media = schema === null || schema === undefined ? {} : { schema: schemas.schema(schema, io) };
  return Object.fromEntries((types ?? ['application/json']).map((type) => [type, media]));
}
