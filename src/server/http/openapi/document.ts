import { version } from '../../../core/version.ts';
import { auditPaths, openPaths } from './other-paths.ts';
import type { Json } from './refusals.ts';
import { schemas } from './schemas.ts';
import { uploadPaths } from './upload-paths.ts';

/** What the receiver takes and answers, as OpenAPI 3.1. Served as it is. */
export const openApiDocument: Json = {
  openapi: '3.1.1',
  info: {
    title: 'Velora receiver',
    version,
    description:
      'Takes claims files, tokenized or to be tokenized, and gives back what was kept of them. Errors are problem documents (RFC 9457) and never repeat a value. A key may make 1,000 reads (GET) and 200 writes a minute, unless the receiver was set up otherwise; one customer may have half of the uploads that are taken at once. What a key does, and what it is refused, is recorded for its customer; of refusals with 429, the first of a minute.',
  },
  servers: [{ url: '/' }],
  paths: { ...uploadPaths, ...auditPaths, ...openPaths },
  components: {
    securitySchemes: {
      apiKey: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'vlk_live_<8 hex>_<32 hex>',
        description: 'An API key. It belongs to one customer and has scopes.',
      },
    },
    schemas,
  },
};
