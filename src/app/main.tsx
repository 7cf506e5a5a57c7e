import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createVault } from '../bridge/vault.ts';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App vault={createVault()} />
  </StrictMode>,
);
