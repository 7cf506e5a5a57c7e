import { request as ask } from 'node:http';

/** Headers of one connection, which are not passed on (RFC 9110, section 7.6.1). */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @param {import('node:http').IncomingHttpHeaders} headers */
const passedOn = (headers) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofConnection.has(name)));

/**
 * Passes a request on and its answer back, both as they come: the same-origin proxy of the
 * deployment guide, for this machine only.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} origin where to, such as `http://127.0.0.1:8787`
 */
export function forward(request, response, origin) {
  const { hostname, port } = new URL(origin);
  const { method, url: path } = request;
  const onward = ask({
    ...{ hostname, port, method, path },
    agent: false,
    headers: passedOn(request.headers),
  });
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  // An answer may come before the end of the body, and the connection end after it: a browser
  // reads it only once it has sent everything, so the rest is taken and thrown away.
  onward.on('close', () => {
    request.unpipe(onward);
    request.resume();
  });
  onward.on('error', () => {
    if (response.headersSent) return;
    response.writeHead(502, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end('502\n');
  });
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}
