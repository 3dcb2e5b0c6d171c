/** The languages of the page. Each room has its texts beside it, `texts.en.ts` and so on, which load with the room. */
import { type BackendModule, createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const CHOSEN = 'comfygraph:language';
const files = import.meta.glob<{ default: object }>('../*/texts.*.ts');

const rooms: BackendModule = {
  type: 'backend',
  init() {},
  read(language, room, done) {
    const load = files[`../${room}/texts.${language}.ts`];
    if (!load) return done(new Error(`There are no texts of ${room} in ${language}`), null);
    load().then(
      ({ default: texts }) => done(null, texts as never),
      (error) => done(error, null),
    );
  },
};

const isLanguage = (code: string | undefined): code is Language => code !== undefined && code in LANGUAGES;

/** The chosen language, else the first of the browser's that the page has. */
function firstLanguage(): Language {
  const candidates = [localStorage.getItem(CHOSEN) ?? '', ...navigator.languages].map((code) => code.split('-')[0]);
  return candidates.find(isLanguage) ?? 'en';
}

export async function createI18n(): Promise<i18n> {
  const instance = createInstance();
  instance.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  await instance
    .use(rooms)
    .use(initReactI18next)
    .init({
      lng: firstLanguage(),
      // Each language has all texts: their types see to that.
      fallbackLng: false,
      ns: ['shell'],
      defaultNS: 'shell',
      // React escapes.
      interpolation: { escapeValue: false },
    });
  return instance;
}

export function chooseLanguage(instance: i18n, language: Language): void {
  localStorage.setItem(CHOSEN, language);
  void instance.changeLanguage(language);
}
