/** Somebody who uses the keyboard alone: after each key the focus must be somewhere, in sight and marked. */
import type { Locator, Page } from 'playwright-core';
import { until } from '../../support/until.js';

/** More than any page has to tab through. */
const MAX_STOPS = 120;
const PATIENCE_MS = 60_000;

const NOWHERE = 'nothing has the focus';

/** Runs in the page. @returns what is wrong with the focus; an empty text if nothing is */
const FOCUS_PROBLEM = `(() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return '${NOWHERE}';
  const name = focused.outerHTML.slice(0, 160);
  // An input that is not drawn has its mark around what stands for it: its label, the thumb of its slider.
  const around = [focused, focused.parentElement, focused.parentElement?.parentElement].filter((each) => each && each !== document.body);
  const isMarked = (element) => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const hasOutline = outlineStyle !== 'none' && parseFloat(outlineWidth) > 1 && !/, 0\\)$|transparent/.test(outlineColor);
    return hasOutline || element.hasAttribute('data-highlighted');
  };
  // Titles and dialogs are places where a script leads to, not controls: they have no mark.
  const marked = around.find(isMarked) ?? (focused.matches('h1, [role$="dialog"][tabindex="-1"]') ? focused : undefined);
  if (!marked) return 'the focus is not marked: ' + name;
  const { left, top, right, bottom, width, height } = marked.getBoundingClientRect();
  if (right <= 0 || bottom <= 0 || left >= innerWidth || top >= innerHeight) return 'the focus is out of sight: ' + name;
  const x = (Math.max(0, left) + Math.min(innerWidth, right)) / 2;
  const y = (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2;
  const over = document.elementFromPoint(x, y);
  if (over && !marked.contains(over) && !over.contains(marked)) return 'the focus is covered: ' + name + ' by ' + over.outerHTML.slice(0, 120);
  return '';
})()`;

const HAS_FOCUS = (element: { matches(selector: string): boolean }) => element.matches(':focus');

export type Keys = {
  press(...keys: string[]): Promise<void>;
  /** Types into what has the focus. */
  type(text: string): Promise<void>;
  /** Types in place of what is in the field that has the focus. */
  replace(text: string): Promise<void>;
  /** Presses Tab until `target` has the focus. */
  to(target: Locator, key?: 'Tab' | 'Shift+Tab'): Promise<void>;
  /** Goes to a button or link and presses Enter. */
  use(target: Locator, key?: 'Tab' | 'Shift+Tab'): Promise<void>;
  /** Waits until `target` has the focus, and the focus is in sight and marked. */
  at(target: Locator): Promise<void>;
};

/** The focus may move a moment after the key. @param look finds what is wrong; an empty text if nothing is */
async function resolved(look: () => Promise<string>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  let problem = '';
  await until(async () => {
    problem = await look();
    return problem === '' || performance.now() > end;
  }, 'the focus');
  if (problem) throw new Error(problem);
}

export function keysOf(page: Page): Keys {
  const settled = () => resolved(() => page.evaluate<string>(FOCUS_PROBLEM));
  const press = async (...keys: string[]) => {
    for (const key of keys) {
      await page.keyboard.press(key);
      await settled();
    }
  };
  const to = async (target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab') => {
    await target.waitFor();
    for (let stops = 0; stops < MAX_STOPS; stops += 1) {
      if (await target.evaluate(HAS_FOCUS)) return;
      await page.keyboard.press(key);
      // Behind its last stop the page gives the focus to the browser.
      const problem = await page.evaluate<string>(FOCUS_PROBLEM);
      if (problem && problem !== NOWHERE) await settled();
    }
    throw new Error(`${key} does not lead to ${target}`);
  };
  const type = async (text: string) => {
    await page.keyboard.type(text);
    await settled();
  };
  return {
    press,
    to,
    type,
    async replace(text) {
      await page.keyboard.press('ControlOrMeta+a');
      await type(text);
    },
    async use(target, key) {
      await to(target, key);
      await press('Enter');
    },
    async at(target) {
      await resolved(async () => {
        if (await target.evaluate(HAS_FOCUS)) return '';
        return `${target} has not the focus, but ${await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 160)')}`;
      });
      await settled();
    },
  };
}
