import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { forward } from './forward.mjs';

/** What the page and its build consist of; anything else is not served. */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.csv': 'text/csv; charset=utf-8',
  '.key': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
};

/**
 * What a policy in the page's own tag cannot say. No `default-src`, `script-src` or `connect-src`:
 * policies intersect, and those stand in the tag. deploy/ has the same for nginx and Caddy.
 */
export const securityHeaders = {
  'Content-Security-Policy':
    "sandbox allow-scripts allow-same-origin allow-downloads allow-modals; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-DNS-Prefetch-Control': 'off',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), display-capture=()',
};

/**
 * Serves a folder of static files over http.
 * @param {object} options
 * @param {string} options.folder
 * @param {number} options.port 0 for any free one
 * @param {string} [options.host] 127.0.0.1 unless told
 * @param {string} [options.path] the folder of the site it is served under, `/` unless told
 * @param {Readonly<Record<string, string>>} [options.headers] instead of the security headers
 * @param {(path: string, text: string) => string} [options.rewrite] changes html on its way out
 * @param {string} [options.receiver] origin to which requests below /api/ are passed on; the page then
 *   offers its own origin for uploads, and no other
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} rejects where the port is taken
 */
export async function servePage({
  folder,
  port,
  host = '127.0.0.1',
  path = '/',
  headers = securityHeaders,
  rewrite,
  receiver,
}) {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async function answer(request, response) {
    if (receiver !== undefined && request.url?.startsWith('/api/') === true) {
      return forward(request, response, receiver);
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return refuse(response, 405);
    }
    const file = await fileOf(root, path, request.url ?? '/');
    if (file === null) return refuse(response, 404);
    response.setHeader('Content-Type', file.type);
    // Names under assets/ carry a hash of their content; all other files may change at any time.
    response.setHeader(
      'Cache-Control',
      file.name.startsWith(`assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
    );
    if (file.type === types['.html']) {
      const built = await readFile(file.path, 'utf8');
      const configured = receiver === undefined ? built : withOwnReceiver(built);
      const text = rewrite?.(file.name, configured) ?? configured;
      return void response.end(request.method === 'HEAD' ? undefined : text);
    }
    response.setHeader('Content-Length', file.size);
    if (request.method === 'HEAD') return void response.end();
    await pipeline(createReadStream(file.path), response);
  }

  // A large upload takes its time.
  server.requestTimeout = 0;
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(undefined));
  });
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://${host}:${address.port}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * The page as a deployment has it that passes uploads on to its own receiver.
 * @param {string} html
 */
function withOwnReceiver(html) {
  return html
    .replace(/^(\s*connect-src ).*;$/m, "$1'self';")
    .replace(/(name="velora-idempotency-key"\s+content=")[^"]*/, "$1'self'");
}

/**
 * The file that an address names, or null: none of ours, outside the folder, of no known type.
 * @param {string} root
 * @param {string} path
 * @param {string} url
 */
async function fileOf(root, path, url) {
  const pathname = url.split(/[?#]/, 1)[0] ?? '';
  if (!pathname.startsWith(path)) return null;
  let name;
  try {
    name = decodeURIComponent(pathname.slice(path.length));
  } catch {
    return null;
  }
  if (name === '') name = 'index.html';
  if (/[\\\0]/.test(name) || name.split('/').some((part) => part === '' || part.startsWith('.'))) {
    return null;
  }
  const type = types[/** @type {keyof typeof types} */ (extname(name))];
  if (type === undefined) return null;
  try {
    const real = await realpath(join(root, name));
    if (!real.startsWith(root + sep)) return null;
    const info = await stat(real);
    return info.isFile()
      ? { path: real, name: real.slice(root.length + 1), type, size: info.size }
      : null;
  } catch {
    return null;
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 */
function refuse(response, status) {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${status}\n`);
}
