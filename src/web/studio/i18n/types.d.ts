/** The keys of all texts, from the English ones. */
import 'i18next';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: {
      shell: typeof import('../shell/texts.en').default;
      welcome: typeof import('../welcome/texts.en').default;
      create: typeof import('../create/texts.en').default;
      import: typeof import('../import/texts.en').default;
      generation: typeof import('../generation/texts.en').default;
      live: typeof import('../live/texts.en').default;
      history: typeof import('../history/texts.en').default;
      workflows: typeof import('../workflows/texts.en').default;
      account: typeof import('../account/texts.en').default;
      admin: typeof import('../admin/texts.en').default;
    };
  }
}
