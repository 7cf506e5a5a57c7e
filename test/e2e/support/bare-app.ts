import type { FinishedRun, RunRequest, Vault } from '../../../src/bridge/contract.ts';

declare global {
  interface Window {
    /** Only on the bare page: what the app would be given. */
    vault: Vault;
    /** What a person decides for the demo file, under the demo secret. */
    demoRequest: (changed?: Partial<RunRequest>) => Promise<RunRequest>;
    runDemo: () => Promise<FinishedRun>;
  }
}

/** Instead of the app: hands the vault to the test. */
export function App({ vault }: { readonly vault: Vault }): null {
  window.vault = vault;
  window.demoRequest = async (changed) => ({
    file: await vault.demoFile(),
    choices: {
      product: 'claims_replay',
      // `Risk Band` is not in the schema.
      decisions: [{ select: '#26', action: 'keep' }],
      acceptHeader: false,
      allowTokens: false,
      safeHarbor: false,
    },
    secret: await vault.importSecret(await vault.demoSecret()),
    openWallsAcknowledged: false,
    onProgress: () => undefined,
    ...changed,
  });
  window.runDemo = async () => vault.run(await window.demoRequest()).result;
  return null;
}
