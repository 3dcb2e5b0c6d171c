/** The outputs of one generation, to choose from. */
import { AudioLines, Box, Clapperboard, File, type LucideIcon, Type } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Picture } from '../../../generation/picture/picture';
import type { Output } from '../detail';
import css from './outputs.module.css';

const ICONS: Record<string, LucideIcon> = { VIDEO: Clapperboard, AUDIO: AudioLines, MODEL_3D: Box };

type OutputsProps = { outputs: readonly Output[]; chosen: number; onChoose(at: number): void };

export function Outputs({ outputs, chosen, onChoose }: OutputsProps) {
  const nameOf = useOutputName();
  const { t } = useTranslation('history');
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [chosen]);
  return (
    <fieldset className={css.outputs}>
      <legend className="visually-hidden">{t('viewer.outputs')}</legend>
      <div ref={list} className={css.list}>
        {outputs.map((output, at) => (
          <button
            key={output.key}
            type="button"
            className={css.output}
            aria-label={nameOf(outputs, at)}
            aria-current={at === chosen || undefined}
            onClick={() => onChoose(at)}
          >
            <Small output={output} />
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** @returns a function that tells an output from the others of its generation */
export function useOutputName(): (outputs: readonly Output[], at: number) => string {
  const { t } = useTranslation(['history', 'generation']);
  return (outputs, at) => {
    const output = outputs[at];
    const kind = output?.kind === 'file' ? output.file.kind : output?.kind === 'text' ? 'TEXT' : 'IMAGE';
    return t('viewer.output', { at: at + 1, count: outputs.length, kind: t(`generation:kind.${kind}`) });
  };
}

function Small({ output }: { output: Output }) {
  if (output.kind === 'image') return <Picture image={output.image} alt="" sizes="64px" />;
  const Icon = output.kind === 'text' ? Type : (ICONS[output.file.kind] ?? File);
  return <Icon aria-hidden size={24} />;
}
