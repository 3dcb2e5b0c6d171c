/** The studio: a page for people, which uses only the public API. */
import { CSPProvider } from '@base-ui/react/csp-provider';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { App } from './app';
import { createI18n } from './i18n/i18n';
import './styles/theme.css';
import { applyTheme } from './styles/theme';

applyTheme();

const root = document.getElementById('studio');
if (!root) throw new Error('index.html has no element #studio');

const i18n = await createI18n();

createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <I18nextProvider i18n={i18n}>
        <App />
      </I18nextProvider>
    </CSPProvider>
  </StrictMode>,
);
