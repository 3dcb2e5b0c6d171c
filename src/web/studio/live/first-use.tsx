/** Invites to make the first picture, by a click. */
import { useTranslation } from 'react-i18next';
import { useSayCreated } from '../generation/acts/use-say-created';
import { Button } from '../ui/button';
import { useSayProblem } from '../ui/problems/use-say-problem';
import { useCreateGeneration } from './create-generation';
import css from './first-use.module.css';

const EXAMPLES = ['lighthouse', 'fox', 'still'] as const;

export function FirstUse() {
  const { t } = useTranslation('live');
  const create = useCreateGeneration();
  const sayProblem = useSayProblem();
  const sayCreated = useSayCreated();
  const begin = async (prompt: string) => {
    const problem = await create({ prompt });
    if (problem) sayProblem(problem);
    else sayCreated(1);
  };
  return (
    <div className={css.first}>
      <svg className={css.art} viewBox="0 0 160 96" aria-hidden="true">
        <rect x="6" y="18" width="60" height="60" rx="12" />
        <rect x="50" y="10" width="60" height="60" rx="12" />
        <rect x="94" y="24" width="60" height="60" rx="12" />
        <path d="m104 70 14-17 10 11 7-8 12 14" />
        <circle cx="138" cy="42" r="5" />
      </svg>
      <h3>{t('first.title')}</h3>
      <p>{t('first.text')}</p>
      <div className={css.examples}>
        {EXAMPLES.map((example) => (
          <Button key={example} onClick={() => void begin(t(`first.${example}`))}>
            {t(`first.${example}`)}
          </Button>
        ))}
      </div>
    </div>
  );
}
