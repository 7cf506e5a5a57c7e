import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test as plain } from 'vitest';
import { certificateRefusal } from '../../src/cli/upload-certificate.ts';
import { type Finished, type Place, test } from './support.ts';

const token = `vlk_live_a1b2c3d4_${'feedbeef'.repeat(4)}`;
const tokenized = 'Claim ID,DOB,Zip Code,Paid Amount\nCLM_0123456789abcdef,1980,606,12.50\n';

const folder = mkdtempSync(join(tmpdir(), 'velora-certificate-'));
const certificate = join(folder, 'cert.pem');
let server: Server;
let port = 0;
let requests = 0;
let connections = 0;

beforeAll(async () => {
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', [...words, ...name, '-keyout', 'key.pem', '-out', 'cert.pem'], {
    cwd: folder,
    stdio: 'ignore',
  });
  server = createServer(
    { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(certificate) },
    (request, response) => {
      requests += 1;
      request.resume().on('end', () => response.writeHead(201).end('{"uploadId":"u-tls"}'));
    },
  );
  server.on('connection', () => (connections += 1));
  // Who refuses the certificate ends the connection in the middle of the handshake.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function upload(
  place: Place,
  host: string,
  env: Readonly<Record<string, string>>,
  content = tokenized,
): Promise<Finished> {
  [requests, connections] = [0, 0];
  place.write('claims.csv', content);
  const named = ['--product=claims_replay', `--url=https://${host}:${String(port)}`];
  return place.run(['upload', ...named, '--token-env=UPLOAD_TOKEN', 'claims.csv'], {
    env: { UPLOAD_TOKEN: token, ...env },
  });
}

describe('the certificate of the receiver', () => {
  test.for<[string, string]>([
    ['small', tokenized],
    ['large', tokenized + ',,,1\n'.repeat(1 << 20)],
  ])('is refused at once where nobody trusts it: a %s file', async ([, content], { place }) => {
    const run = await upload(place, 'localhost', {}, content);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(
      /not trusted here.*NODE_EXTRA_CA_CERTS=ca\.pem.*\(DEPTH_ZERO_SELF_SIGNED_CERT\) \[certificate\]/,
    );
    expect(run.stderr).not.toContain('again in');
    expect([connections, requests]).toEqual([1, 0]);
  });

  test('is taken where its authority is named', async ({ place }) => {
    const run = await upload(place, 'localhost', { NODE_EXTRA_CA_CERTS: certificate });
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ attempts: 1, receipt: { uploadId: 'u-tls' } });
  });

  test('has to be for the name in the address', async ({ place }) => {
    const run = await upload(place, '127.0.0.1', { NODE_EXTRA_CA_CERTS: certificate });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/another name.*\(ERR_TLS_CERT_ALTNAME_INVALID\) \[certificate\]/);
    expect(run.stderr).not.toContain('again in');
    expect([connections, requests]).toEqual([1, 0]);
  });

  plain.each([
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /NODE_EXTRA_CA_CERTS/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_GET_ISSUER_CERT', /NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /NODE_EXTRA_CA_CERTS/],
    ['CERT_HAS_EXPIRED', /expired.*clock/],
    ['CERT_NOT_YET_VALID', /clock/],
    ['CERT_REVOKED', /not valid/],
  ])('%s is told in words', (cause, words) => {
    const error = certificateRefusal(cause);
    expect(error).toMatchObject({ code: 'upload-unreachable', rule: 'certificate' });
    expect(error?.message).toMatch(words);
  });

  plain.each([undefined, 'ECONNREFUSED', 'EPROTO', 'constructor'])(
    'is not what %s is about',
    (c) => {
      expect(certificateRefusal(c)).toBeUndefined();
    },
  );
});
