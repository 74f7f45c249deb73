import assert from 'node:assert/strict';
import { z } from 'zod';
import { type ApiRoute, apiRoute } from '../../../shared/openapi/api-route.ts';
import { type Operation, openApiDocument } from '../../../shared/openapi/openapi-document.ts';
import { queryInteger } from '../../../shared/openapi/parameters.ts';
import { readInput } from '../../../shared/openapi/read-input.ts';

const INFO = { title: 'Test', version: '1', summary: 'A test.' };
const thing = z.object({ id: z.string(), size: z.int().min(0) }).meta({ id: 'Thing' });
const route = apiRoute({
  ...{ method: 'put', path: '/api/things/{id}', operationId: 'putThing', summary: 'Stores a thing' },
  access: ['teacher'],
  params: { id: z.string().regex(/^[a-z]+$/) },
  query: z.strictObject({
    limit: queryInteger(1, 9).optional().meta({ description: 'How many' }),
    from: queryInteger(0, 9),
  }),
  body: { description: 'The thing', schema: z.strictObject({ size: z.int() }), textTypes: ['text/csv'] },
  responses: { 200: { description: 'All things', schema: z.array(thing) }, 204: { description: 'Nothing' } },
  refusals: { 404: ['unknown-thing'], 503: ['away'] },
});

const putThing = (): Operation => {
  const operation = openApiDocument(INFO, [route]).paths['/api/things/{id}']?.['put'];
  assert.ok(operation);
  return operation;
};

describe('an OpenAPI document', () => {
  it('refers to a schema with a name of its own, in requests and responses alike', () => {
    const { components } = openApiDocument(INFO, [route]);
    assert.deepEqual(components.schemas['Thing'], {
      type: 'object',
      properties: { id: { type: 'string' }, size: { type: 'integer', minimum: 0 } },
      required: ['id', 'size'],
      additionalProperties: false,
    });
    assert.deepEqual(putThing().responses['200']?.content?.['application/json']?.schema, {
      type: 'array',
      items: { $ref: '#/components/schemas/Thing' },
    });
    assert.equal(putThing().responses['204']?.content, undefined);
  });

  it('describes parameters as they are read, and which of them have to be there', () => {
    assert.deepEqual(putThing()['parameters'], [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^[a-z]+$' } },
      {
        ...{ name: 'limit', in: 'query', required: false, description: 'How many' },
        schema: { type: 'integer', minimum: 1, maximum: 9 },
      },
      { name: 'from', in: 'query', required: true, schema: { type: 'integer', minimum: 0, maximum: 9 } },
    ]);
  });

  it('tells who may call an operation, and with which codes it is refused', () => {
    const { responses, ...operation } = putThing();
    assert.deepEqual(operation['security'], [{ token: [] }]);
    const codes = Object.entries(responses).map(([status, { description }]) => `${status} ${description}`);
    assert.deepEqual(codes.slice(2), [
      ...['400 bad-request', '401 no-token, bad-token, expired-token', '403 forbidden', '404 unknown-thing'],
      ...['413 bad-request', '415 bad-request', '503 away'],
    ]);
    const open = openApiDocument(INFO, [{ ...route, access: 'viewers' }]).paths['/api/things/{id}']?.['put'];
    assert.deepEqual(open?.['security'], [{}, { token: [] }]);
  });

  it('lists every media type that a body is accepted in', () => {
    const { content } = putThing()['requestBody'] as { content: object };
    assert.deepEqual(Object.keys(content), ['application/json', 'text/csv']);
  });

  it('is not made where one name stands for two schemas', () => {
    const other = z.object({ colour: z.string() }).meta({ id: 'Thing' });
    const responses = { 200: { description: 'Another', schema: other } };
    const second: ApiRoute = { ...route, path: '/api/others', responses };
    assert.throws(() => openApiDocument(INFO, [route, second]), /Thing/);
  });
});

describe('what a request brings', () => {
  it('is checked by the schema that describes it', () => {
    assert.deepEqual(readInput(route.query, { from: '3' }, 'query'), { from: 3 });
    for (const [query, message] of [
      [{}, /^query\.from: /],
      [{ from: 'x' }, /^query\.from: want a whole number/],
      [{ from: '3', limit: '10' }, /^query\.limit: /],
      [{ from: '3', colour: 'red' }, /^query: /],
    ] as const) {
      assert.throws(() => readInput(route.query, query, 'query'), {
        code: 'bad-input',
        status: 400,
        message,
      });
    }
  });
});
