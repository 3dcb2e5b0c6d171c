/** Tells screen readers what has ended. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFinished } from './use-finished';

export function Announcer() {
  const { t } = useTranslation('live');
  const [text, setText] = useState('');
  useFinished(({ status, prompt, workflow }) => setText(t(`finished.${status}`, { name: prompt || workflow.title })));
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
