/** Tells screen readers what has ended. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../generation/use-title';
import { useFinished } from './use-finished';

export function Announcer() {
  const { t } = useTranslation('live');
  const [text, setText] = useState('');
  const titleOf = useTitle();
  useFinished((card) => setText(t(`finished.${card.status}`, { name: titleOf(card) })));
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
