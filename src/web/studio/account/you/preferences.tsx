/** How the page looks and speaks on this device. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES, type Language } from '../../i18n/i18n';
import { chooseTheme, chosenTheme, THEMES } from '../../styles/theme';
import { Choice } from '../../ui/forms/choice';
import { Section } from '../../ui/pages/page';

export function Preferences() {
  const { t, i18n } = useTranslation(['account', 'shell']);
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <Section title={t('preferences.title')} lead={t('preferences.lead')}>
      <Choice
        label={t('shell:theme.label')}
        value={theme}
        options={THEMES.map((value) => ({ value, text: t(`shell:theme.${value}`) }))}
        onChange={(chosen) => {
          chooseTheme(chosen);
          setTheme(chosen);
        }}
      />
      <Choice
        label={t('shell:language')}
        value={i18n.language as Language}
        options={Object.entries(LANGUAGES).map(([value, text]) => ({ value: value as Language, text }))}
        onChange={(chosen) => chooseLanguage(i18n, chosen)}
      />
    </Section>
  );
}
