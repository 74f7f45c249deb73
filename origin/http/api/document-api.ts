import express, { type Router } from 'express';
import { z } from 'zod';
import { apiRoute, mountRoute } from '../../../shared/openapi/api-route.ts';

/** `GET /api/openapi.json`. */
export const getOpenApi = apiRoute({
  ...{ method: 'get', path: '/api/openapi.json', operationId: 'getOpenApi', access: 'anyone' },
  summary: 'This document',
  responses: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({}) } },
});

/**
 * Serves the OpenAPI document of the whole HTTP interface.
 *
 * @param document an origin serves it for all roles, those in other processes too
 */
export function createDocumentApi(document: object): Router {
  const router = express.Router();
  mountRoute(router, getOpenApi, (_req, res) => {
    res.set({ 'Cache-Control': 'public, max-age=30', 'Access-Control-Allow-Origin': '*' });
    res.json(document);
  });
  return router;
}
