import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '../../../ui/attention/announce';
import { IconButton } from '../../../ui/button';
import { copy } from '../../../ui/copy';
import { say } from '../../../ui/toast';

const SHOWN_MS = 2_000;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <IconButton
      icon={isCopied ? Check : Copy}
      label={isCopied ? t('copied') : label}
      onClick={async () => {
        const isDone = await copy(text);
        setIsCopied(isDone);
        if (isDone) announce(t('copied'));
        else say(t('copyFailed'), { type: 'problem' });
      }}
    />
  );
}
