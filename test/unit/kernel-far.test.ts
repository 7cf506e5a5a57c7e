import { expect, test } from 'vitest';
import type { Transform } from '../../src/core/engine.ts';
import { createKernelEngine } from '../../src/core/kernel/kernel-engine.ts';
import { kernelModule } from '../../src/core/kernel/module.ts';

test('findings are told of a segment whose regions reach beyond two gibibytes', async () => {
  const transform: Transform = {
    delimiter: ',',
    output: { delimiter: ',', lineEnd: '\n' },
    treatments: [{ kind: 'keep' }, { kind: 'keep' }],
    rules: [{ kind: 'exempt' }, { kind: 'plain' }],
    allowTokens: false,
    map: false,
  };
  const prf = (): Promise<Uint8Array<ArrayBuffer>> => Promise.resolve(new Uint8Array(0));
  const module = kernelModule();
  const { process } = createKernelEngine({ module, transform, hmac: prf, witness: prf });
  const bytes = new TextEncoder().encode(`${'x'.repeat(14 << 20)},b\n1,123-45-6789\n`);
  const { check } = await process({ bytes, complete: true });
  expect(check).toMatchObject({ findings: [{ column: 2, row: 2, rule: 'ssn' }], counts: [0, 1] });
});
