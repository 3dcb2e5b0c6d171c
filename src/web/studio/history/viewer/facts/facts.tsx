/** Everything that is known of a generation, and what its settings are good for. */
import { ImagePlus, SlidersHorizontal } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { bring, type Incoming } from '../../../create/incoming';
import { useWorkflowTitle } from '../../../generation/use-title';
import { Button } from '../../../ui/button';
import { formatBytes, formatLength, formatTime } from '../../../ui/formats';
import type { Detail, Output } from '../detail';
import { CopyButton } from './copy-button';
import css from './facts.module.css';
import { useParameters } from './use-parameters';

/** Kinds of files that an input takes. */
const INPUT_KINDS: readonly string[] = ['VIDEO', 'AUDIO', 'FILE'];

type FactsProps = { detail: Detail; output: Output | undefined };

export const Facts = memo(function Facts({ detail, output }: FactsProps) {
  const { t, i18n } = useTranslation('history');
  const { prompt, negativePrompt, seed, workflow, parameters, model, backend, failure, result, attempt } = detail;
  const span = (from: string, to: string) =>
    formatLength(Math.max(0, Date.parse(to) - Date.parse(from)) / 1_000, i18n.language);
  const workflowTitle = useWorkflowTitle();
  const parametersOf = useParameters();
  const input = inputOf(output, prompt);
  return (
    <aside className={css.facts} aria-label={t('facts.label')}>
      <div className={css.uses}>
        <Button
          look="primary"
          icon={SlidersHorizontal}
          onClick={() =>
            bring({ kind: 'settings', workflowId: workflow.id, parameters: parameters as Record<string, unknown> })
          }
        >
          {t('facts.useSettings')}
        </Button>
        {input && (
          <Button icon={ImagePlus} onClick={() => bring(input)}>
            {t('facts.useInput')}
          </Button>
        )}
      </div>
      {prompt && <Words title={t('facts.prompt')} text={prompt} />}
      {negativePrompt && <Words title={t('facts.negativePrompt')} text={negativePrompt} />}
      {result?.problems.map((problem) => (
        <p key={problem} className={css.problem}>
          {problem}
        </p>
      ))}
      <dl className={css.list}>
        <Fact name={t('facts.workflow')}>
          {workflowTitle(workflow)} {workflow.version > 1 && t('facts.version', { version: workflow.version })}
        </Fact>
        {model && <Fact name={t('facts.model')}>{model.name}</Fact>}
        {seed && (
          <Fact name={t('facts.seed')}>
            <span className={css.mono}>{seed}</span>
            <CopyButton text={seed} label={t('facts.copySeed')} />
          </Fact>
        )}
        {parametersOf(detail).map(({ name, title, text }) => (
          <Fact key={name} name={title}>
            {text}
          </Fact>
        ))}
      </dl>
      <dl className={css.list}>
        <Fact name={t('facts.created')}>{formatTime(detail.createdAt, i18n.language, 'second')}</Fact>
        {detail.startedAt && <Fact name={t('facts.waited')}>{span(detail.createdAt, detail.startedAt)}</Fact>}
        {detail.startedAt && detail.completedAt && (
          <Fact name={t('facts.took')}>{span(detail.startedAt, detail.completedAt)}</Fact>
        )}
        {backend && (
          <Fact name={t('facts.backend')}>
            {backend.name} {backend.isSimulated && t('facts.simulated')}
          </Fact>
        )}
        {attempt > 1 && <Fact name={t('facts.attempts')}>{attempt}</Fact>}
        {failure?.nodeType && <Fact name={t('facts.node')}>{failure.nodeType}</Fact>}
        <FileFacts output={output} />
      </dl>
    </aside>
  );
});

function inputOf(output: Output | undefined, prompt: string): Incoming | undefined {
  if (output?.kind === 'image')
    return { kind: 'file', id: output.image.id, previewUrl: output.image.thumbnailUrl, prompt };
  if (output?.kind === 'file' && INPUT_KINDS.includes(output.file.kind))
    return { kind: 'file', id: output.file.id, previewUrl: output.file.posterUrl, prompt };
  return undefined;
}

function FileFacts({ output }: { output: Output | undefined }) {
  const { t, i18n } = useTranslation('history');
  if (!output || output.kind === 'text') return null;
  const { contentType, filename, byteSize, width, height } = output.kind === 'image' ? output.image : output.file;
  return (
    <>
      {width !== null && height !== null && (
        <Fact name={t('facts.size')}>
          {width} × {height}
        </Fact>
      )}
      <Fact name={t('facts.file')}>
        {typeOf(filename) ?? contentType}, {formatBytes(byteSize, i18n.language)}
      </Fact>
    </>
  );
}

/** @returns such as `PNG` */
const typeOf = (filename: string): string | undefined => /\.(\w{1,5})$/.exec(filename)?.[1]?.toUpperCase();

function Words({ title, text }: { title: string; text: string }) {
  const { t } = useTranslation('history');
  return (
    <section className={css.words}>
      <header>
        <h2>{title}</h2>
        <CopyButton text={text} label={t('facts.copy', { title })} />
      </header>
      <p>{text}</p>
    </section>
  );
}

export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);
