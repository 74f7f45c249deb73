import { INGEST_ROUTES } from '../ingest/api-routes.ts';
import { ORIGIN_ROUTES } from '../origin/api-routes.ts';
import { ROLL_CALL_ROUTES } from '../rollcall/api-routes.ts';
import { TRANSCODE_ROUTES } from '../transcode/api-routes.ts';
import { openApiDocument, type OpenApiDocument } from '../shared/openapi/openapi-document.ts';

/** The version of the HTTP interface: that of the package. */
const VERSION = '0.2.0';

/** Describes the HTTP interface of all roles. An origin serves the whole document, even when other roles run elsewhere. */
export function apiDocument(): OpenApiDocument {
  return openApiDocument(
    {
      title: 'Lectern',
      version: VERSION,
      summary: 'Channels, publishers, workers, recorded broadcasts and the roll call.',
    },
    [...ORIGIN_ROUTES, ...INGEST_ROUTES, ...TRANSCODE_ROUTES, ...ROLL_CALL_ROUTES],
  );
}
