/** The style of the pages, in the colours of the studio. The scheme of the device decides. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f7f6fb, #131119);
  --card: light-dark(#ffffff, #1d1a26);
  --line: light-dark(#e3dff0, #322d42);
  --control-line: light-dark(#8b84a3, #7a728f);
  --text: light-dark(#1f1a2e, #ece9f5);
  --faint: light-dark(#5f5873, #a8a1bd);
  --accent: light-dark(#5a2fc2, #b79dff);
  --accent-soft: light-dark(#efe9fd, #2c2445);
  --radius: 14px;
  font: 16px/1.55 system-ui, sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--ground); color: var(--text); }
main { flex: 1; width: 100%; max-width: 76rem; margin: 0 auto; padding: clamp(0.75rem, 2.5vw, 2rem); display: grid; gap: clamp(1rem, 2.5vw, 2rem); align-content: start; }
.works { display: grid; gap: clamp(0.75rem, 2vw, 1.5rem); }
figure { margin: 0 auto; width: 100%; min-width: 0; display: grid; gap: 0.5rem; }
.frame { display: block; width: 100%; border-radius: var(--radius); background: var(--card) center / 100% 100% no-repeat; overflow: hidden; box-shadow: 0 1px 2px rgb(0 0 0 / 12%), 0 12px 40px rgb(20 8 50 / 14%); }
.frame img, video { display: block; width: 100%; height: auto; }
video { max-height: 74vh; border-radius: var(--radius); background: #000; }
@media (min-width: 48rem) { .many { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
figcaption { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; justify-content: space-between; width: 100%; color: var(--faint); font-size: 0.9rem; }
a { color: var(--accent); }
.save { display: inline-flex; align-items: center; gap: 0.4rem; min-height: 2.75rem; padding: 0 1rem; border: 1px solid var(--control-line); border-radius: 999px; background: var(--card); color: var(--text); font-weight: 600; text-decoration: none; }
.save:hover { border-color: var(--accent); background: var(--accent-soft); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.card { width: 100%; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--card); overflow-wrap: anywhere; }
.card audio { display: block; width: 100%; margin-top: 0.5rem; }
.about { max-width: 50rem; width: 100%; justify-self: center; text-align: center; }
pre.about, .prompt { text-align: left; }
h1 { margin: 0; font-size: clamp(1.2rem, 2.4vw, 1.6rem); line-height: 1.35; font-weight: 650; overflow-wrap: anywhere; text-wrap: balance; }
.about p { margin: 0.5rem 0 0; color: var(--faint); }
details { margin-top: 0.75rem; }
summary { cursor: pointer; min-height: 2rem; color: var(--accent); }
.prompt, pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
footer > :first-child { display: inline-flex; gap: 0.5rem; align-items: center; }
.missing { max-width: 32rem; margin: 18vh auto 0; text-align: center; }
.missing p { color: var(--faint); }
footer { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; align-items: center; justify-content: center; padding: 1.25rem; color: var(--faint); font-size: 0.9rem; }
`;
