/** Inputs that a user makes in the studio, and how long each takes until the next frame, as the browser measures it (Event Timing). */

const REPEATS = 5;
/** The browser reports an event after the frame that follows it. */
const REPORTED_MS = 150;

const OBSERVE = `
  globalThis.taken = [];
  new PerformanceObserver((list) => {
    for (const { duration, interactionId } of list.getEntries()) if (interactionId > 0) globalThis.taken.push(duration);
  }).observe({ type: 'event', durationThreshold: 16 });`;

/** @returns the ms that each input took, by its name. What took less than 16 ms counts as 8. */
export async function interact(page) {
  await page.evaluate(OBSERVE);
  const taken = {};
  const input = async (name, act) => {
    await page.evaluate('globalThis.taken.length = 0');
    await act();
    await page.waitForTimeout(REPORTED_MS);
    const longest = await page.evaluate('Math.max(8, ...globalThis.taken)');
    taken[name] ??= [];
    taken[name].push(longest);
  };
  const press = (key) => () => page.keyboard.press(key);
  const room = (name) => page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name });
  const gallery = page.getByRole('list', { name: 'Generations' });
  const tile = (nth) => gallery.getByRole('listitem').nth(nth);
  const toolbar = page.getByRole('toolbar', { name: 'Selection' });
  for (let round = 0; round < REPEATS; round += 1) {
    await input('select one', () => tile(11).getByRole('checkbox').check());
    await input('select one more', () => tile(13).getByRole('checkbox').check());
    await input('select a range', () =>
      tile(17)
        .getByRole('link')
        .click({ modifiers: ['Shift'] }),
    );
    await input('select all', press('Control+a'));
    await input('end the selection', press('Escape'));
    await toolbar.waitFor({ state: 'detached' });
    await input('next tile', press('ArrowRight'));
    await input('last tile', press('End'));
    await input('first tile', press('Home'));
    await input('open', () => tile(12).getByRole('link').click());
    await page.getByRole('button', { name: 'Back', exact: true }).waitFor();
    await input('next picture', press('ArrowRight'));
    await input('favourite', press('f'));
    await input('close', press('Escape'));
    await page.getByRole('button', { name: 'Back', exact: true }).waitFor({ state: 'detached' });
    await input('to Create', () => room('Create').click());
    const form = page.getByRole('form');
    const prompt = form.getByLabel('Prompt', { exact: true });
    await prompt.waitFor();
    await prompt.focus();
    await input('type', press('x'));
    await input('create', () => form.getByRole('button', { name: /^Create/ }).click());
    await input('to History', () => room('History').click());
    await tile(17).waitFor();
  }
  return taken;
}
