import type { FastifyInstance } from 'fastify';
import type { Scope } from '../access/api-keys.ts';
import type { Services } from '../services.ts';
import { exportEvents, listEvents, requireNoBody } from './audit-routes.ts';
import { requireGoingOn, requireOwnTenant, requireScope } from './authentication.ts';
import { hookOf } from './gates.ts';
import { healthOf } from './health.ts';
import type { Limits } from './limits.ts';
import type { OpenRequests } from './open-requests.ts';
import { openApiDocument } from './openapi/document.ts';
import { readFile, readReceipt, resolveToken } from './read-routes.ts';
import { checkUploadHeaders, requireMode, takeUpload } from './upload-route.ts';

/** Every route, with what a request must have before its body is looked at, in this order. */
export function addRoutes(
  app: FastifyInstance,
  services: Services,
  open: OpenRequests,
  limits: Limits,
): void {
  const scope = (of: Scope) => hookOf(requireScope(services, limits, of));
  const ownTenant = hookOf(requireOwnTenant(services));
  const goingOn = (of: Scope) => hookOf(requireGoingOn(services, open, of));
  const config = { keyed: true } as const;
  const keyed = (of: Scope) => ({ config, onRequest: [scope(of), goingOn(of), ownTenant] });

  app.post(
    '/api/v2/secure-upload/:product',
    {
      config,
      onRequest: [
        scope('upload:write'),
        goingOn('upload:write'),
        hookOf(requireMode(services)),
        ownTenant,
        hookOf(checkUploadHeaders(services)),
      ],
    },
    takeUpload(services, open),
  );
  app.get('/api/v2/uploads/:id', keyed('uploads:read'), readReceipt(services));
  app.get('/api/v2/uploads/:id/file', keyed('uploads:read'), readFile(services));
  app.get('/api/v2/vault/resolve', keyed('vault:resolve'), resolveToken(services));
  app.get('/api/v2/public/audit/events', keyed('audit:read'), listEvents(services));
  const exporting = keyed('audit:export');
  app.post(
    '/api/v2/public/audit/export',
    { ...exporting, onRequest: [...exporting.onRequest, hookOf(requireNoBody(services))] },
    exportEvents(services),
  );
  app.get('/api/v2/openapi.json', () => openApiDocument);
  app.get('/healthz', healthOf(services));
}
